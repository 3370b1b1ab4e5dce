using AkkaRaft.Consensus;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Consensus.Paper;

/// <summary>What the log knows of clients' sessions: thesis 6.3. What the entries do is the state machine's side.</summary>
public sealed class SessionRules
{
    /// <summary>Thesis 6.3: sessions are opened, used, kept and closed by entries of the log like any other.</summary>
    [Fact]
    public void What_concerns_sessions_is_appended_in_its_order_with_the_leaders_time()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        var limits = new SessionLimits(TimeSpan.FromSeconds(60), 3, 4, 5);
        var stamp = new SessionStamp(new LogIndex(3), 7, 6);

        leader.Receives(new Propose(
        [
            new Proposal(1, null) { Session = new OpenSession(limits) },
            new Proposal(2, Entries.Command("a")) { Stamp = stamp },
            new Proposal(3, null) { Session = new KeepSession(new LogIndex(3), 8, Closes: true) },
        ]));

        var time = leader.State.Log[new LogIndex(3)].Time;
        leader.State.Log[new LogIndex(3)].ShouldBe(new OpenSessionEntry(Entries.Id("3/3"), time, limits));
        leader.State.Log[new LogIndex(4)].ShouldBe(new CommandEntry(Entries.Id("4/3"), time, Entries.Command("a")) { Stamp = stamp });
        leader.State.Log[new LogIndex(5)].ShouldBe(new KeepSessionEntry(Entries.Id("5/3"), time, new LogIndex(3), 8, Closes: true));
    }
}
