using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using AkkaRaft.StateMachine;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>Sessions of clients, as raft.proto has them: in messages, in the log and in snapshots.</summary>
internal static class SessionFormat
{
    const uint CommandSession = (Proto.SessionCommand.SessionFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint CommandSequence = (Proto.SessionCommand.SequenceFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint CommandLowestUnanswered = (Proto.SessionCommand.LowestUnansweredFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint CommandItself = (Proto.SessionCommand.CommandFieldNumber << 3) | (uint)WireFormat.WireType.LengthDelimited;

    /// <summary>Of a batch with anything about a session in it: a node that knows none would apply a retry twice, and must refuse it.</summary>
    public const uint BatchVersion = 2;

    public static Proto.SessionCommand Fill(Proto.SessionCommand written, Proto.Payload command, SessionStamp stamp)
    {
        CheckStamp(stamp);
        written.Session = stamp.Session.Value;
        written.Sequence = stamp.Sequence;
        written.LowestUnanswered = stamp.LowestUnanswered;
        written.Command = command;
        return written;
    }

    /// <summary>As <see cref="EntryFormat.TryRead"/>, of a command in a session.</summary>
    public static Payload? TryReadCommand(ReadOnlyMemory<byte> command, out SessionStamp? stamp)
    {
        var (session, sequence, lowestUnanswered) = (0L, 0L, 0L);
        Payload? read = null;
        stamp = null;
        var fields = new MessageFields(command);
        while (fields.MoveNext())
        {
            switch (fields.Tag)
            {
                case CommandSession:
                    session = fields.Int64();
                    break;
                case CommandSequence:
                    sequence = fields.Int64();
                    break;
                case CommandLowestUnanswered:
                    lowestUnanswered = fields.Int64();
                    break;
                case CommandItself:
                    read = EntryFormat.TryRead(fields.Bytes(), "command");
                    break;
                default:
                    return null;
            }
        }

        if (read is null || !fields.AreInOrder) return null;
        stamp = CheckStamp(new SessionStamp(new LogIndex(session), sequence, lowestUnanswered));
        return read;
    }

    public static SessionStamp StampOf(Proto.SessionCommand command) =>
        CheckStamp(new SessionStamp(new LogIndex(command.Session), command.Sequence, command.LowestUnanswered));

    public static Proto.SessionLimits Write(SessionLimits limits) => new()
    {
        TimeoutMs = Milliseconds(limits.Timeout),
        MaxSessions = AtLeastOne(limits.MaxSessions, "max sessions"),
        MaxResults = AtLeastOne(limits.MaxResults, "max results"),
        MaxResultBytes = AtLeastOne(limits.MaxResultBytes, "max result bytes"),
    };

    public static SessionLimits Read(Proto.SessionLimits? limits)
    {
        Checked.Present(limits, "session limits");
        return new SessionLimits(
            Timeout(limits.TimeoutMs), AtLeastOne(limits.MaxSessions, "max sessions"), AtLeastOne(limits.MaxResults, "max results"),
            AtLeastOne(limits.MaxResultBytes, "max result bytes"));
    }

    public static Proto.KeepSession Write(KeepSessionEntry keep) => new()
    {
        Session = Session(keep.Session.Value).Value, LowestUnanswered = Checked.Sequence(keep.LowestUnanswered, "lowest unanswered"), Closes = keep.Closes,
    };

    public static KeepSessionEntry Read(Proto.KeepSession keep, EntryId id, DateTimeOffset time) =>
        new(id, time, Session(keep.Session), Checked.Sequence(keep.LowestUnanswered, "lowest unanswered"), keep.Closes);

    public static Proto.SessionGrant Write(SessionGrant grant) =>
        new() { TimeoutMs = Milliseconds(grant.Timeout), MaxResults = AtLeastOne(grant.MaxResults, "max results") };

    public static SessionGrant Read(Proto.SessionGrant grant) => new(Timeout(grant.TimeoutMs), AtLeastOne(grant.MaxResults, "max results"));

    /// <summary>What a batch says of a session; one without any is what it was before there were sessions.</summary>
    public static void Write(ProposeBatch batch, Proto.ClientRequestBatch written)
    {
        Check(batch);
        if (batch.Session is null && batch.Call is null) return;
        written.Version = BatchVersion;
        if (batch.Session is { } session)
        {
            written.Session = session.Id.Value;
            written.LowestUnanswered = session.LowestUnanswered;
        }

        if (batch.Call is { } call) written.SessionCall = new Proto.SessionCall { RequestId = call.RequestId, Act = Write(call.Act) };
    }

    public static ProposeBatch Read(Proto.ClientRequestBatch written, ProposeBatch batch)
    {
        var read = batch with
        {
            Session = written.Session == 0 ? null : new BatchSession(new LogIndex(written.Session), written.LowestUnanswered),
            Call = written.SessionCall is { } call ? new SessionCall(call.RequestId, Read(call.Act)) : null,
        };
        if (written.Version < BatchVersion && (read.Session is not null || read.Call is not null))
            throw Checked.Bad($"it is of a session, and its format version is {written.Version}");
        return Check(read);
    }

    /// <summary>A table of sessions, message by message; equal tables have equal bytes.</summary>
    public static IEnumerable<IMessage> Write(SessionTableImage table)
    {
        yield return new Proto.SavedSessions { Version = Checked.FormatVersion, ClockMs = table.Clock.ToUnixTimeMilliseconds(), Sessions = table.Sessions.Count };
        foreach (var session in table.Sessions) yield return Write(session);
    }

    /// <param name="next">Gives the bytes of the next message.</param>
    public static async Task<SessionTable> ReadTable(Func<Task<ReadOnlyMemory<byte>>> next)
    {
        var header = Proto.SavedSessions.Parser.ParseFrom((await next()).Span);
        Checked.Version(header.Version);
        if (header.Sessions < 0) throw Checked.Bad($"its number of sessions {header.Sessions} is negative");
        var sessions = new List<Session>();
        for (var i = 0; i < header.Sessions; i++)
        {
            var session = Read(Proto.SavedSession.Parser.ParseFrom((await next()).Span));
            if (i > 0 && session.Id <= sessions[^1].Id) throw Checked.Bad($"its session {session.Id} follows session {sessions[^1].Id}");
            sessions.Add(session);
        }

        return new SessionTable(EntryFormat.Time(header.ClockMs), sessions);
    }

    static Proto.SavedSession Write(Session session) => new()
    {
        Id = session.Id.Value,
        Limits = Write(session.Limits),
        LastActiveMs = session.LastActive.ToUnixTimeMilliseconds(),
        LowestUnanswered = session.LowestUnanswered,
        Results = { session.Results.OrderBy(pair => pair.Key).Select(pair => Write(pair.Key, pair.Value)) },
    };

    static Proto.SavedResult Write(long sequence, SessionResult result)
    {
        var written = new Proto.SavedResult { Sequence = sequence, Index = result.Index.Value, Forgotten = result.IsForgotten };
        if (result.Value is { } value) written.Value = EntryFormat.Write(value);
        if (result.Error is { } error) written.Error = error;
        return written;
    }

    static Session Read(Proto.SavedSession saved)
    {
        var session = new Session(Session(saved.Id), Read(saved.Limits))
        {
            LastActive = EntryFormat.Time(saved.LastActiveMs), LowestUnanswered = Checked.Sequence(saved.LowestUnanswered, "lowest unanswered"),
        };
        foreach (var result in saved.Results)
        {
            if (Checked.Sequence(result.Sequence) < session.LowestUnanswered || session.Results.ContainsKey(result.Sequence))
                throw Checked.Bad($"session {session.Id} has a result of sequence {result.Sequence} twice, or of one that is answered");
            session.Add(result.Sequence, new SessionResult(
                Checked.Index(result.Index, "result's index"), result.Value is null ? null : EntryFormat.Read(result.Value, "result"), result.HasError ? result.Error : null)
            {
                IsForgotten = result.Forgotten,
            });
        }

        return session;
    }

    static ProposeBatch Check(ProposeBatch batch)
    {
        if (batch.Session is { } session)
        {
            Session(session.Id.Value);
            Checked.Sequence(session.LowestUnanswered, "lowest unanswered");
            foreach (var request in batch.Requests) CheckStamp(new SessionStamp(session.Id, request.Sequence, session.LowestUnanswered));
        }
        else if (batch.Requests.Any(request => request.Sequence != 0))
        {
            throw Checked.Bad("it has a sequence and no session");
        }

        if (batch.Call is { } call && (call.Act == SessionAct.Open) != (batch.Session is null))
            throw Checked.Bad("it opens the session that it has, or asks for another thing without one");
        return batch;
    }

    static SessionStamp CheckStamp(SessionStamp stamp)
    {
        Session(stamp.Session.Value);
        Checked.Sequence(stamp.Sequence);
        Checked.Sequence(stamp.LowestUnanswered, "lowest unanswered");
        if (stamp.LowestUnanswered > stamp.Sequence) throw Checked.Bad($"its lowest unanswered {stamp.LowestUnanswered} is above its sequence {stamp.Sequence}");
        return stamp;
    }

    static LogIndex Session(long value) => Checked.Index(value, "session") is var id && id > LogIndex.Zero ? id : throw Checked.Bad("its session is 0");

    static int AtLeastOne(int value, string what) => value > 0 ? value : throw Checked.Bad($"its {what} {value} is not positive");

    static long Milliseconds(TimeSpan time) => time.Ticks > 0 && time.Ticks % TimeSpan.TicksPerMillisecond == 0 && time <= MaxTimeout
        ? time.Ticks / TimeSpan.TicksPerMillisecond
        : throw Checked.Bad($"its session timeout {time} is not between 1 ms and {MaxTimeout.TotalDays:0} days, in whole ms");

    static TimeSpan Timeout(long milliseconds) => milliseconds > 0 && milliseconds <= MaxTimeout.Ticks / TimeSpan.TicksPerMillisecond
        ? TimeSpan.FromTicks(milliseconds * TimeSpan.TicksPerMillisecond)
        : throw Checked.Bad($"its session timeout {milliseconds} ms is not between 1 ms and {MaxTimeout.TotalDays:0} days");

    static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(365);

    static Proto.SessionAct Write(SessionAct act) => act switch
    {
        SessionAct.Open => Proto.SessionAct.Open,
        SessionAct.Keep => Proto.SessionAct.Keep,
        SessionAct.Close => Proto.SessionAct.Close,
        _ => throw Checked.Bad($"there is no session act {act}"),
    };

    static SessionAct Read(Proto.SessionAct act) => act switch
    {
        Proto.SessionAct.Open => SessionAct.Open,
        Proto.SessionAct.Keep => SessionAct.Keep,
        Proto.SessionAct.Close => SessionAct.Close,
        _ => throw Checked.Bad($"there is no session act {(int)act}"),
    };
}
