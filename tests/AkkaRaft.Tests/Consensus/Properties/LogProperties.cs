using AkkaRaft.Consensus;
using CsCheck;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Consensus.Properties;

/// <summary>The log against a plain list and a disk that does what it is told (Raft 5.3; durable order of design.md section 4).</summary>
public sealed class LogProperties
{
    static readonly Gen<(int Kind, int A, int B)> Operation = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1000], Gen.Int[0, 1000]);

    [Fact, Trait("RaftBug", "B29"), Trait("RaftBug", "B34"), Trait("RaftBug", "B38"), Trait("RaftBug", "B39")]
    public void Appends_cuts_and_confirmations_in_any_order_keep_memory_and_disk_in_step() =>
        Operation.Array[1, 60].Sample(operations => new Model().Run(operations), iter: 4000);

    [Fact, Trait("RaftBug", "B45")]
    public void Conflicts_between_any_two_logs_are_found_in_one_round_for_each_term() =>
        Gen.Select(Gen.Int[0, 9].Array[0, 40], Gen.Int[0, 9].Array[0, 40], Gen.Int[0, 10]).Sample((leader, follower, common) =>
        {
            // Both begin alike; then the leader's terms are even and the follower's odd, so that they agree nowhere else, as Log Matching wants it.
            var shared = Enumerable.Repeat(1, common).ToList();
            var mine = new RaftLog(EntryId.Zero, LogOf(shared.Concat(leader.Order().Select(t => 2 + (2 * t)))));
            var theirs = new RaftLog(EntryId.Zero, LogOf(shared.Concat(follower.Order().Select(t => 3 + (2 * t)))));
            var rounds = 0;
            var probe = mine.Last;
            while (!theirs.Matches(probe))
            {
                var hint = theirs.LastPossibleMatch(probe);
                mine.TryGetId(mine.LastPossibleMatch(hint).Index, out var next).ShouldBeTrue();
                next.Index.ShouldBeLessThan(probe.Index, "each conflict moves back");
                probe = next;
                rounds++;
            }

            probe.Index.Value.ShouldBe(common, "and never over a place where they agree");
            rounds.ShouldBeLessThanOrEqualTo(Math.Min(leader.Distinct().Count(), follower.Distinct().Count()) + 1);
        }, iter: 4000);

    [Fact]
    public void Slices_hold_at_least_one_entry_and_no_more_than_both_limits() =>
        Gen.Select(Gen.Int[0, 20], Gen.Int[1, 21], Gen.Int[1, 10], Gen.Int[1, 400]).Sample((count, first, maxEntries, maxBytes) =>
        {
            var log = new RaftLog(EntryId.Zero, LogOf(Enumerable.Repeat(1, count)));
            var slice = log.Slice(new LogIndex(first), log.Last.Index, maxEntries, maxBytes);
            slice.Count.ShouldBe(Math.Min(Math.Max(0, count - first + 1), slice.Count));
            if (first <= count) slice.Count.ShouldBeGreaterThan(0);
            slice.Count.ShouldBeLessThanOrEqualTo(maxEntries);
            if (slice.Count > 1) slice.Sum(e => e.Size).ShouldBeLessThanOrEqualTo(maxBytes);
            for (var i = 0; i < slice.Count; i++) slice[i].Index.Value.ShouldBe(first + i);

            // And not less than they allow.
            var next = first + slice.Count;
            if (slice.Count > 0 && slice.Count < maxEntries && next <= count)
                (slice.Sum(e => e.Size) + log[new LogIndex(next)].Size).ShouldBeGreaterThan(maxBytes);
        }, iter: 4000);

    static IEnumerable<LogEntry> LogOf(IEnumerable<int> terms) =>
        terms.Select((term, i) => Entries.Entry(new EntryId(new LogIndex(i + 1), new Term(term))));

    /// <summary>What the log should be: a list of entries, a queue of writes, and a disk.</summary>
    sealed class Model
    {
        readonly RaftLog _log = new(EntryId.Zero, []);
        readonly List<LogEntry> _entries = [];
        readonly Disk _disk = new();
        readonly Queue<AppendToLog> _writes = [];
        readonly List<AppendToLog> _confirmed = [];

        int _committed;
        long _term = 1;

        public void Run((int Kind, int A, int B)[] operations)
        {
            foreach (var (kind, a, b) in operations)
            {
                switch (kind)
                {
                    case 0 or 1:
                        Take(_entries.Count, 1 + (a % 4));
                        break;
                    case 2:
                        _term++;
                        break;
                    case 3 or 4:
                        // Another leader's entries, from somewhere above the commit index: they replace what is there.
                        _term++;
                        Take(_committed + (a % (_entries.Count - _committed + 1)), 1 + (b % 4));
                        break;
                    case 5:
                        Repeat(a, b);
                        break;
                    case 6 or 7:
                        Confirm(1 + (a % 3));
                        break;
                    case 8:
                        if (_confirmed.Count > 0) _log.Confirm(Answer(_confirmed[a % _confirmed.Count])).ShouldBeFalse("an old confirmation says nothing new");
                        break;
                    case 9:
                        _committed = Math.Max(_committed, (int)_log.Durable.Value / 2);
                        break;
                }

                Check();
            }

            Confirm(int.MaxValue);
            Check();
            _log.Durable.ShouldBe(_log.Last.Index, "when everything is confirmed, everything is durable");
            _log.IsWriting.ShouldBeFalse();
        }

        void Take(int after, int count)
        {
            var previous = after == 0 ? EntryId.Zero : _entries[after - 1].Id;
            var entries = Enumerable.Range(1, count).Select(i => Entries.Entry(new EntryId(new LogIndex(after + i), new Term(_term)))).ToList();
            var write = _log.AppendAfter(previous, entries, new LogIndex(_committed));
            if (_entries.Skip(after).Take(count).Select(e => e.Id).SequenceEqual(entries.Select(e => e.Id)))
            {
                write.ShouldBeNull();
                return;
            }

            _entries.RemoveRange(after, _entries.Count - after);
            _entries.AddRange(entries);
            _writes.Enqueue(write.ShouldNotBeNull());
        }

        /// <summary>An append that comes again: all of it is there, nothing is cut.</summary>
        void Repeat(int a, int b)
        {
            if (_entries.Count == 0) return;
            var after = a % _entries.Count;
            var entries = _entries.Skip(after).Take(b % 5).ToList();
            _log.AppendAfter(after == 0 ? EntryId.Zero : _entries[after - 1].Id, entries, new LogIndex(_committed)).ShouldBeNull();
        }

        void Confirm(int writes)
        {
            AppendToLog? last = null;
            for (; writes > 0 && _writes.TryDequeue(out var write); writes--)
            {
                _disk.Write(write);
                _confirmed.Add(last = write);
            }

            if (last is not null) _log.Confirm(Answer(last));
        }

        void Check()
        {
            Enumerable.Range(1, (int)_log.Last.Index.Value).Select(i => _log[new LogIndex(i)]).ShouldBe(_entries);
            var durable = (int)_log.Durable.Value;
            _disk.Log.Take(durable).ShouldBe(_entries.Take(durable), "what counts as durable is on the disk");
            foreach (var write in _writes) write.Previous.Index.Value.ShouldBeGreaterThanOrEqualTo(durable, "and no write under way will cut it off");
        }

        static EntriesPersisted Answer(AppendToLog write) => new(write.WriteId, write.Entries[^1].Id);
    }
}
