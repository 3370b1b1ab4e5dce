using AkkaRaft.Samples.ClusterLauncher.Live;
using Shouldly;
using Xunit;

namespace AkkaRaft.Process.Tests.Live;

public sealed class WriteRateTests
{
    readonly WriteRate _rate = new();

    [Fact]
    public void Leader_counts_what_it_has_applied_in_the_last_second()
    {
        Learn(RaftRole.Leader, term: 1, last: 100, applied: 100, quarters: 0);
        Learn(RaftRole.Leader, term: 1, last: 150, applied: 150, quarters: 1);
        _rate.PerSecond.ShouldBe(200);

        for (var quarter = 2; quarter <= 8; quarter++) Learn(RaftRole.Leader, term: 1, last: 150, applied: 150, quarter);
        _rate.PerSecond.ShouldBe(0);
    }

    [Fact]
    public void Follower_that_catches_up_writes_nothing()
    {
        Learn(RaftRole.Follower, term: 1, last: 5000, applied: 0, quarters: 0);
        Learn(RaftRole.Follower, term: 1, last: 5000, applied: 5000, quarters: 1);

        _rate.PerSecond.ShouldBeNull();
    }

    [Fact]
    public void New_leader_does_not_count_the_log_that_it_applies_anew()
    {
        Learn(RaftRole.Leader, term: 2, last: 5001, applied: 0, quarters: 0);
        Learn(RaftRole.Leader, term: 2, last: 5001, applied: 4000, quarters: 1);
        _rate.PerSecond.ShouldBe(0);

        Learn(RaftRole.Leader, term: 2, last: 5101, applied: 5101, quarters: 2);
        _rate.PerSecond.ShouldBe(200);
    }

    [Fact]
    public void Leader_that_leads_again_in_a_later_term_begins_anew()
    {
        Learn(RaftRole.Leader, term: 1, last: 100, applied: 100, quarters: 0);
        Learn(RaftRole.Leader, term: 3, last: 900, applied: 900, quarters: 1);

        _rate.PerSecond.ShouldBe(0);
    }

    [Fact]
    public void Node_that_gives_no_account_or_steps_down_has_no_rate()
    {
        Learn(RaftRole.Leader, term: 1, last: 100, applied: 100, quarters: 0);
        _rate.Learn(null, TimeSpan.FromSeconds(0.25));
        _rate.PerSecond.ShouldBeNull();

        Learn(RaftRole.Leader, term: 1, last: 500, applied: 500, quarters: 2);
        Learn(RaftRole.Follower, term: 2, last: 600, applied: 600, quarters: 3);
        _rate.PerSecond.ShouldBeNull();
    }

    void Learn(RaftRole role, long term, long last, long applied, int quarters) =>
        _rate.Learn(new RaftStatus(new NodeId("1"), role, new Term(term), null, new EntryId(new LogIndex(last), new Term(term)),
            new LogIndex(last), new LogIndex(applied), new LogIndex(applied)), TimeSpan.FromSeconds(quarters / 4.0));
}
