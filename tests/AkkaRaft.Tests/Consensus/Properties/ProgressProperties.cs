using AkkaRaft.Consensus;
using CsCheck;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Consensus.Properties;

/// <summary>What a leader knows of a peer, under answers in any order, twice or not at all (Raft 5.3).</summary>
public sealed class ProgressProperties
{
    static readonly Gen<(int Kind, int A, int B)> Operation = Gen.Select(Gen.Int[0, 6], Gen.Int[0, 1000], Gen.Int[0, 1000]);

    [Fact, Trait("RaftBug", "B35"), Trait("RaftBug", "B47")]
    public void Match_never_falls_next_stays_above_it_and_the_window_is_bounded() =>
        Operation.Array[1, 80].Sample(operations =>
        {
            var options = new CoreOptions { MaxInflightAppends = 4, MaxInflightBytes = 100 };
            var peer = new Progress(Entries.Node(2), new LogIndex(50), TimeSpan.Zero, options);
            foreach (var (kind, a, b) in operations)
            {
                var match = peer.Match;
                var round = peer.AckedRound;
                switch (kind)
                {
                    case 0 or 1 or 2:
                        if (peer.MaySend)
                        {
                            var entries = a % 5;
                            peer.Sent(peer.Next.Previous + entries, entries, entries * 10);
                        }

                        break;
                    case 3 or 4:
                        // A peer's durable log never reaches beyond what was verified, nor that beyond what was sent (here: 200).
                        var verified = b % 200;
                        peer.Accepted(new LogIndex(Math.Min(a % 200, verified)), new LogIndex(verified));
                        break;
                    case 5:
                        peer.Rejected(a % 2 == 0 ? peer.Next.Previous : new LogIndex(a % 200), new LogIndex(b % 200));
                        break;
                    case 6:
                        peer.Answered(TimeSpan.FromSeconds(a), b);
                        break;
                }

                peer.Match.ShouldBeGreaterThanOrEqualTo(match);
                peer.AckedRound.ShouldBeGreaterThanOrEqualTo(round);
                peer.Next.ShouldBeGreaterThan(peer.Match);
                peer.InflightAppends.ShouldBeLessThanOrEqualTo(options.MaxInflightAppends);
                if (peer.State == ProgressState.Probe) peer.InflightAppends.ShouldBe(0);
            }

            // Whatever happened: the answer to one more heartbeat and the acknowledgement of everything open the window again (B48).
            peer.Accepted(peer.Next.Previous, peer.Next.Previous);
            peer.State.ShouldBe(ProgressState.Replicate);
            peer.MaySend.ShouldBeTrue();
            peer.InflightAppends.ShouldBe(0);
        }, iter: 4000);

    [Fact, Trait("RaftBug", "B47")]
    public void The_window_counts_what_was_added_and_not_yet_acknowledged() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 30]).Array[1, 60].Sample(operations =>
        {
            var window = new Inflights(5, 60);
            var model = new List<(long Last, int Bytes)>();
            long last = 0;
            foreach (var (kind, a) in operations)
            {
                switch (kind)
                {
                    case 0 when !window.IsFull:
                        window.Add(new LogIndex(++last), a);
                        model.Add((last, a));
                        break;
                    case 1:
                        window.FreeUpTo(new LogIndex(last - (a % 7)));
                        model.RemoveAll(m => m.Last <= last - (a % 7));
                        break;
                    case 2 when a == 0:
                        window.Reset();
                        model.Clear();
                        break;
                }

                window.Count.ShouldBe(model.Count);
                window.IsFull.ShouldBe(model.Count >= 5 || model.Sum(m => m.Bytes) >= 60);
            }
        }, iter: 4000);
}
