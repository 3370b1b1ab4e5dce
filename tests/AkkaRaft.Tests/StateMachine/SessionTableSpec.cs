using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.Serialization;
using System.Text;
using AkkaRaft.Consensus;
using AkkaRaft.Serialization;
using AkkaRaft.StateMachine;
using AkkaRaft.Tests.Serialization;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.StateMachine;

/// <summary>The table of client sessions (thesis 6.3).</summary>
public sealed class SessionTableSpec
{
    static readonly DateTimeOffset Start = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    static readonly SessionLimits Limits = new(TimeSpan.FromSeconds(60), MaxSessions: 3, MaxResults: 4, MaxResultBytes: 200);

    readonly SessionTable _table = new();
    long _index;

    LogIndex Next => new(++_index);

    static Payload Bytes(int count) => new(1, "", new byte[count]);

    static SessionStamp Stamp(LogIndex session, long sequence, long lowest = 1) => new(session, sequence, lowest);

    LogIndex Open(SessionLimits? limits = null)
    {
        var id = Next;
        _table.Open(id, limits ?? Limits).ShouldBeTrue();
        return id;
    }

    SessionVerdict Judge(SessionStamp stamp) => _table.Judge(stamp, out _);

    SessionResult Apply(SessionStamp stamp, Payload? value = null, string? error = null)
    {
        Judge(stamp).ShouldBe(SessionVerdict.Apply);
        var result = new SessionResult(Next, value, error);
        _table.Record(stamp, result);
        return result;
    }

    [Fact, Trait("RaftBug", "B85")]
    public void A_sequence_is_applied_once_and_every_other_copy_has_the_first_result()
    {
        var session = Open();
        var first = Apply(Stamp(session, 1), Bytes(3));

        _table.Judge(Stamp(session, 1), out var again).ShouldBe(SessionVerdict.Duplicate);
        _table.Judge(Stamp(session, 1), out var oncemore).ShouldBe(SessionVerdict.Duplicate);

        again.ShouldBeSameAs(first);
        oncemore.ShouldBeSameAs(first);
    }

    [Fact, Trait("RaftBug", "B85")]
    public void Sequences_may_come_in_any_order_and_several_may_be_unanswered()
    {
        var session = Open();

        var third = Apply(Stamp(session, 3));
        var first = Apply(Stamp(session, 1));

        _table.Judge(Stamp(session, 3), out var again).ShouldBe(SessionVerdict.Duplicate);
        again.ShouldBeSameAs(third);
        _table.Judge(Stamp(session, 1), out again).ShouldBe(SessionVerdict.Duplicate);
        again.ShouldBeSameAs(first);
        Judge(Stamp(session, 2)).ShouldBe(SessionVerdict.Apply);
    }

    [Fact, Trait("RaftBug", "B85")]
    public void What_the_client_waits_for_no_more_is_not_applied_and_not_kept()
    {
        var session = Open();
        Apply(Stamp(session, 1), Bytes(3));

        Apply(Stamp(session, 3, lowest: 3));

        Judge(Stamp(session, 1)).ShouldBe(SessionVerdict.Answered);
        Judge(Stamp(session, 2)).ShouldBe(SessionVerdict.Answered);   // it came too late, and it is not known here whether it ever came
        _table.Copy().Sessions.Single().Results.Keys.ShouldBe([3]);
    }

    [Fact, Trait("RaftBug", "B85")]
    public void A_session_that_is_not_known_is_an_error_and_never_made_again()
    {
        Judge(Stamp(new LogIndex(5), 1)).ShouldBe(SessionVerdict.Expired);
        Judge(Stamp(new LogIndex(5), 1)).ShouldBe(SessionVerdict.Expired);
        _table.Keep(new LogIndex(5), 1, closes: false).ShouldBeFalse();

        _table.Count.ShouldBe(0);
    }

    [Fact, Trait("RaftBug", "B84")]
    public void A_session_expires_by_the_time_in_the_log_and_only_by_that()
    {
        _table.Advance(Start);
        var session = Open();
        _table.Advance(Start.AddSeconds(60).AddMilliseconds(-1));
        Judge(Stamp(session, 1)).ShouldBe(SessionVerdict.Apply);   // and so it lasts from now on again

        _table.Advance(Start.AddSeconds(119));
        Judge(Stamp(session, 2)).ShouldBe(SessionVerdict.Apply);
        _table.Advance(Start.AddSeconds(179));

        Judge(Stamp(session, 3)).ShouldBe(SessionVerdict.Expired);
        _table.Count.ShouldBe(0);
    }

    /// <summary>A leader whose clock is behind holds time still; one whose clock is ahead ends sessions early, which is an error to clients and nothing worse.</summary>
    [Fact, Trait("RaftBug", "B84")]
    public void Time_never_falls_whatever_leaders_clocks_say()
    {
        _table.Advance(Start);
        var session = Open();

        _table.Advance(Start.AddHours(-1));
        _table.Clock.ShouldBe(Start);
        _table.Advance(Start.AddSeconds(59));
        Judge(Stamp(session, 1)).ShouldBe(SessionVerdict.Apply);
        _table.Advance(Start.AddHours(1));
        Judge(Stamp(session, 1)).ShouldBe(SessionVerdict.Expired);

        var late = Open();
        _table.Advance(Start.AddSeconds(60));   // the next leader is right again
        Judge(Stamp(late, 1)).ShouldBe(SessionVerdict.Apply);
    }

    /// <summary>Opened by an entry whose own time lies behind what another leader had stamped: it has its whole time before it.</summary>
    [Fact, Trait("RaftBug", "B84")]
    public void A_session_begins_with_the_tables_time_not_with_its_entrys()
    {
        _table.Advance(Start.AddHours(1));
        _table.Advance(Start);
        var session = Open();

        _table.Advance(Start.AddHours(1).AddSeconds(59));

        Judge(Stamp(session, 1)).ShouldBe(SessionVerdict.Apply);
    }

    [Fact]
    public void A_sign_of_life_keeps_a_session_and_says_what_is_answered()
    {
        _table.Advance(Start);
        var session = Open();
        Apply(Stamp(session, 1), Bytes(10));
        _table.Advance(Start.AddSeconds(50));

        _table.Keep(session, 2, closes: false).ShouldBeTrue();
        _table.Advance(Start.AddSeconds(109));

        var kept = _table.Copy().Sessions.ShouldHaveSingleItem();
        kept.Results.ShouldBeEmpty();
        kept.Bytes.ShouldBe(0);
    }

    [Fact]
    public void A_session_that_is_closed_is_not_known_any_more()
    {
        var session = Open();

        _table.Keep(session, 1, closes: true).ShouldBeTrue();

        Judge(Stamp(session, 1)).ShouldBe(SessionVerdict.Expired);
        _table.Keep(session, 1, closes: true).ShouldBeFalse();
    }

    [Fact]
    public void No_session_gives_way_to_another_one()
    {
        var first = Open();
        Open();
        Open();

        _table.Open(Next, Limits).ShouldBeFalse();

        Judge(Stamp(first, 1)).ShouldBe(SessionVerdict.Apply);
        _table.Keep(first, 1, closes: true);
        _table.Open(Next, Limits).ShouldBeTrue();
    }

    [Fact]
    public void More_unanswered_commands_than_the_session_may_have_are_not_applied()
    {
        var session = Open();

        Judge(Stamp(session, 5)).ShouldBe(SessionVerdict.BeyondLimit);
        Judge(Stamp(session, 5, lowest: 2)).ShouldBe(SessionVerdict.Apply);
    }

    [Fact, Trait("RaftBug", "B85")]
    public void Too_many_bytes_of_results_are_forgotten_but_never_that_the_commands_were_applied()
    {
        var session = Open();
        for (var sequence = 1; sequence <= 4; sequence++) Apply(Stamp(session, sequence), Bytes(60));

        _table.Judge(Stamp(session, 1), out var oldest).ShouldBe(SessionVerdict.Duplicate);
        _table.Judge(Stamp(session, 4), out var newest).ShouldBe(SessionVerdict.Duplicate);

        oldest!.IsForgotten.ShouldBeTrue();
        oldest.Value.ShouldBeNull();
        oldest.Index.ShouldBe(new LogIndex(2));
        newest!.Value.ShouldBe(Bytes(60));
        _table.Copy().Sessions.Single().Bytes.ShouldBeInRange(1, 200);
    }

    [Fact]
    public void A_copy_is_not_changed_by_what_comes_later()
    {
        _table.Advance(Start);
        var session = Open();
        Apply(Stamp(session, 1), Bytes(3), null);
        var copy = _table.Copy();
        var before = Written(copy);

        Apply(Stamp(session, 2, lowest: 2), Bytes(5));
        _table.Advance(Start.AddDays(1));
        Open();

        Written(copy).ShouldBe(before);
        Written(_table.Copy()).ShouldNotBe(before);
    }

    [Fact, Trait("RaftBug", "B83")]
    public async Task Tables_that_did_the_same_have_the_same_bytes_whatever_was_copied_or_restored_between()
    {
        var other = new SessionTableSpec();
        foreach (var each in (SessionTableSpec[])[this, other])
        {
            each._table.Advance(Start);
            var (a, b) = (each.Open(), each.Open());
            if (each == other) other._table.Copy();
            each.Apply(Stamp(b, 2), Bytes(9));
            each.Apply(Stamp(b, 1), null, "it cannot be serialized");
            if (each == other) other._table.Copy();
            each._table.Advance(Start.AddSeconds(5));
            each.Apply(Stamp(a, 1));
        }

        Written(_table.Copy()).ShouldBe(Written(other._table.Copy()));
        Written((await Read(Written(_table.Copy()))).Copy()).ShouldBe(Written(_table.Copy()));
    }

    [Fact, Trait("RaftBug", "B85")]
    public async Task A_table_from_a_snapshot_still_knows_what_was_applied_and_when_sessions_end()
    {
        _table.Advance(Start);
        var session = Open();
        var first = Apply(Stamp(session, 1), Bytes(3));

        var restored = await Read(Written(_table.Copy()));

        restored.Judge(Stamp(session, 1), out var again).ShouldBe(SessionVerdict.Duplicate);
        again.ShouldBe(first);
        restored.Judge(Stamp(session, 2), out _).ShouldBe(SessionVerdict.Apply);
        restored.Advance(Start.AddHours(-1));
        restored.Clock.ShouldBe(Start);
        restored.Advance(Start.AddSeconds(60));
        restored.Judge(Stamp(session, 2), out _).ShouldBe(SessionVerdict.Expired);
    }

    [Fact]
    public async Task The_bytes_in_a_snapshot_stay_as_they_are()
    {
        var session = new Session(new LogIndex(6), Messages.Limits) { LastActive = Messages.Time, LowestUnanswered = 250 };
        session.Add(250, new SessionResult(new LogIndex(300), Messages.Command, null));
        session.Add(252, new SessionResult(new LogIndex(299), null, "not serializable"));
        session.Add(253, new SessionResult(new LogIndex(301), null, null) { IsForgotten = true });
        var image = new SessionTableImage(Messages.Time.AddSeconds(1), [session, new Session(new LogIndex(9), Messages.Limits) { LastActive = Messages.Time }]);

        var (_, bytes) = GoldenFile.Check("snapshot-sessions", "SESSIONS", Written(image));

        Written((await Read(bytes)).Copy()).ShouldBe(bytes);
    }

    [Fact]
    public async Task A_table_that_is_cut_damaged_or_newer_is_refused()
    {
        var session = Open();
        Apply(Stamp(session, 1), new Payload(1, "", Encoding.UTF8.GetBytes("result")));
        var bytes = Written(_table.Copy());

        for (var length = 0; length < bytes.Length; length++)
            (await Should.ThrowAsync<SerializationException>(() => Read(bytes[..length]))).Message.ShouldContain("its sessions");
        bytes[^4] ^= 1;
        (await Should.ThrowAsync<SerializationException>(() => Read(bytes))).Message.ShouldContain("checksum");
        var newer = SnapshotContent.Framed(new AkkaRaft.Serialization.Proto.SavedSessions { Version = 2 });
        (await Should.ThrowAsync<SerializationException>(() => Read(newer))).Message.ShouldContain("format version is 2");
        BinaryPrimitives.WriteInt32LittleEndian(newer, -1);
        (await Should.ThrowAsync<SerializationException>(() => Read(newer))).Message.ShouldContain("claims -1 bytes");
    }

    [Fact]
    public void A_table_is_written_session_by_session_so_that_its_size_costs_no_memory()
    {
        const int Sessions = 3;
        for (var i = 0; i < Sessions; i++) Apply(Stamp(Open(), 1), Bytes(60));

        SessionFormat.Write(_table.Copy()).Count().ShouldBe(1 + Sessions);
        SessionFormat.Write(_table.Copy()).Max(message => message.CalculateSize()).ShouldBeLessThan(2 * 60);
    }

    internal static byte[] Written(SessionTableImage image) => [.. SessionFormat.Write(image).SelectMany(SnapshotContent.Framed)];

    internal static Task<SessionTable> Read(byte[] bytes)
    {
        var snapshot = new StoredSnapshot(new SnapshotMark(new EntryId(new LogIndex(1), new Term(1)), Configuration.Empty), bytes.Length, XxHash64.HashToUInt64(bytes));
        return new SnapshotReader(snapshot, number => Task.FromResult<ReadOnlyMemory<byte>>(number == 1 ? bytes : default)).ReadSessions();
    }
}
