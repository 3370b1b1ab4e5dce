using AkkaRaft.Consensus;
using AkkaRaft.Tests.Consensus;
using AkkaRaft.Tracing;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Tracing;

/// <summary>docs/trace.md, clause by clause.</summary>
public sealed class ProtocolTraceTests
{
    const string FirstStart = "\"e\":\"crash\",\"term\":0,\"vote\":\"\",\"base\":[0,0],\"last\":[0,0],\"runs\":[]";

    readonly Recorder _trace = new();

    [Fact]
    public void The_first_line_of_the_first_start_says_that_the_disk_is_empty()
    {
        _ = new CoreCluster(1, observer: _trace.Observer);

        _trace.News(1).ShouldBe([FirstStart]);
    }

    [Fact]
    public void Every_start_begins_with_what_was_found_on_disk()
    {
        var cluster = Elected();
        cluster.Propose(cluster[1], (1, "a"), (2, "b"));
        cluster.Stabilize(cluster.Nodes);
        cluster.Crash(cluster[1]);
        cluster.Crash(cluster[2]);
        Elect(cluster, 3, cluster[3]);   // nobody answers
        cluster.Start(cluster[2]);
        Elect(cluster, 3, cluster[2], cluster[3]);
        cluster.Start(cluster[1]);
        cluster.Stabilize(cluster.Nodes);
        foreach (var _ in Enumerable.Range(0, 10)) Heartbeat(cluster, 3);
        _trace.News(1);
        cluster.Crash(cluster[1]);
        _trace.News(1).ShouldBeEmpty("a crash says nothing; the start after it does");

        cluster.Start(cluster[1]);

        _trace.News(1).ShouldBe(["\"e\":\"crash\",\"term\":2,\"vote\":\"\",\"base\":[0,0],\"last\":[4,2],\"runs\":[[1,1],[4,2]]"]);
        cluster.Crash(cluster[3]);
        _trace.News(3);
        cluster.Start(cluster[3]);
        _trace.News(3).ShouldBe(["\"e\":\"crash\",\"term\":2,\"vote\":\"3\",\"base\":[0,0],\"last\":[4,2],\"runs\":[[1,1],[4,2]]"]);
    }

    [Fact]
    public void A_candidate_tells_of_itself_once_when_term_and_own_vote_are_durable()
    {
        var cluster = Cluster(3);
        Campaign(cluster, 1);
        cluster[1].TermWrites.ShouldHaveSingleItem();
        _trace.News(1).ShouldBeEmpty("neither pre-votes nor what is not durable");

        cluster.PersistTerm(cluster[1]);

        _trace.News(1).ShouldBe(["\"e\":\"cand\",\"term\":1,\"last\":[0,0]"]);
    }

    [Fact]
    public void A_candidate_names_its_last_durable_entry()
    {
        var cluster = Elected();
        cluster.Propose(cluster[1], (1, "a"));
        cluster.Stabilize(cluster.Nodes);
        cluster.Crash(cluster[1]);
        _trace.News(2);

        Elect(cluster, 2, cluster[2], cluster[3]);

        _trace.News(2)[0].ShouldBe("\"e\":\"cand\",\"term\":2,\"last\":[2,1]");
    }

    /// <summary>Its vote is on the disk and binds it after a crash, although it never asked for votes.</summary>
    [Fact]
    public void A_candidate_that_a_newer_term_overtook_has_stood_all_the_same()
    {
        var cluster = Cluster(3);
        Campaign(cluster, 1);
        cluster.Step(cluster[1], Messages.VoteRequest(from: 2, term: 5, last: "0/0"));

        cluster.PersistTerm(cluster[1]);
        cluster.PersistTerm(cluster[1]);

        _trace.News(1).ShouldBe(["\"e\":\"cand\",\"term\":1,\"last\":[0,0]", "\"e\":\"term\",\"term\":5", "\"e\":\"vote\",\"term\":5,\"for\":\"2\""]);
    }

    /// <summary>A message that waited for the term may cut the log in memory within the very step that tells of the candidate.</summary>
    [Fact]
    public void What_waited_for_the_term_does_not_change_what_a_candidate_stood_with()
    {
        var cluster = Elected();
        cluster.Propose(cluster[1], (1, "a"));
        cluster.PersistLog(cluster[1]);   // nobody else has it
        cluster.InFlight.Clear();
        cluster.Crash(cluster[1]);
        cluster.Start(cluster[1]);
        Campaign(cluster, 1);
        _trace.News(1);
        cluster.Step(cluster[1], Messages.Append(from: 3, term: 2, after: "1/1", entries: "2/2", commit: 1));

        cluster.PersistTerm(cluster[1]);

        _trace.News(1).ShouldBe(["\"e\":\"cand\",\"term\":2,\"last\":[2,1]", "\"e\":\"commit\",\"term\":2,\"i\":1"]);
        cluster.PersistLog(cluster[1]);
        _trace.News(1).ShouldBe(["\"e\":\"app\",\"term\":2,\"prev\":[1,1],\"t\":[2]"]);
    }

    [Fact]
    public void A_vote_is_told_when_it_is_durable_and_about_to_leave_after_the_term_that_it_is_of()
    {
        var cluster = Cluster(3);
        cluster.Step(cluster[2], Messages.VoteRequest(from: 1, term: 1, last: "0/0"));
        _trace.News(2).ShouldBeEmpty();
        _trace.OnEvent = told => { if (told is VoteGranted) cluster.InFlight.ShouldBeEmpty("nobody can have heard of it"); };

        cluster.PersistTerm(cluster[2]);

        _trace.News(2).ShouldBe(["\"e\":\"term\",\"term\":1", "\"e\":\"vote\",\"term\":1,\"for\":\"1\""]);
        cluster.InFlight.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_vote_is_told_each_time_it_leaves()
    {
        var cluster = Cluster(3);
        cluster.Step(cluster[2], Messages.VoteRequest(from: 1, term: 1, last: "0/0"));
        cluster.PersistTerm(cluster[2]);
        _trace.News(2);

        cluster.Step(cluster[2], Messages.VoteRequest(from: 1, term: 1, last: "0/0"));

        _trace.News(2).ShouldBe(["\"e\":\"vote\",\"term\":1,\"for\":\"1\""]);
    }

    [Fact]
    public void A_refusal_and_a_rehearsal_are_no_votes()
    {
        var cluster = Cluster(3);
        cluster.Step(cluster[2], Messages.VoteRequest(from: 1, term: 1, last: "0/0"));
        cluster.PersistTerm(cluster[2]);
        _trace.News(2);
        cluster.InFlight.Clear();

        cluster.Step(cluster[2], Messages.VoteRequest(from: 3, term: 1, last: "0/0"));
        cluster.Step(cluster[2], Messages.PreVoteRequest(from: 3, term: 2, last: "0/0"));

        cluster.InFlight.Select(e => ((VoteReply)e.Message).Refusal).ShouldBe([VoteRefusal.AlreadyVoted, VoteRefusal.None]);
        _trace.News(2).ShouldBeEmpty();
    }

    [Fact]
    public void A_term_is_told_when_it_is_durable()
    {
        var cluster = Cluster(3);
        cluster.Step(cluster[2], Messages.Append(from: 1, term: 4, after: "0/0"));
        _trace.News(2).ShouldBeEmpty();

        cluster.PersistTerm(cluster[2]);

        _trace.News(2).ShouldBe(["\"e\":\"term\",\"term\":4"]);
    }

    [Fact]
    public void A_leader_tells_of_itself_before_its_no_op_goes_to_the_journal()
    {
        var cluster = Cluster(3);
        _trace.OnEvent = told => { if (told is BeganToLead) cluster[1].LogWrites.ShouldBeEmpty(); };
        Elect(cluster, 1, [.. cluster.Nodes]);

        _trace.News(1).ShouldBe([
            "\"e\":\"cand\",\"term\":1,\"last\":[0,0]", "\"e\":\"lead\",\"term\":1", "\"e\":\"app\",\"term\":1,\"prev\":[0,0],\"t\":[1]",
            "\"e\":\"commit\",\"term\":1,\"i\":1",
        ]);
    }

    [Fact]
    public void The_only_voter_stands_and_leads_in_one_step()
    {
        var cluster = Cluster(1);
        cluster.Step(cluster[1], AkkaRaft.Consensus.Campaign.Instance);
        cluster.PersistTerm(cluster[1]);

        _trace.News(1).ShouldBe(["\"e\":\"cand\",\"term\":1,\"last\":[0,0]", "\"e\":\"lead\",\"term\":1"]);
        cluster.PersistLog(cluster[1]);
        _trace.News(1).ShouldBe(["\"e\":\"app\",\"term\":1,\"prev\":[0,0],\"t\":[1]", "\"e\":\"commit\",\"term\":1,\"i\":1"]);
    }

    [Fact]
    public void Writes_that_become_one_event_are_one_line()
    {
        var cluster = Elected();
        foreach (var id in new[] { 1, 2, 3 }) cluster.Propose(cluster[1], (id, "a"));

        cluster.PersistLog(cluster[1]);

        _trace.News(1).ShouldBe(["\"e\":\"app\",\"term\":1,\"prev\":[1,1],\"t\":[1,1,1]"]);
    }

    [Fact]
    public void A_write_that_becomes_several_events_is_as_many_lines()
    {
        var cluster = Elected(maxEventBytes: 2 * Entries.Entry(EntryId.Zero).Size);
        cluster.Propose(cluster[1], (1, "a"), (2, "b"), (3, "c"));

        cluster.PersistLog(cluster[1]);

        _trace.News(1).ShouldBe(["\"e\":\"app\",\"term\":1,\"prev\":[1,1],\"t\":[1,1]", "\"e\":\"app\",\"term\":1,\"prev\":[3,1],\"t\":[1]"]);
    }

    /// <summary>A later leader may send entries of earlier ones: the term of the line is the leader's.</summary>
    [Fact]
    public void Entries_are_told_with_the_term_of_the_leader_who_sent_them_and_theirs()
    {
        var cluster = Cluster(3);
        Hears(cluster, leader: 3, term: 4, after: "0/0", entries: "1/1 2/1");
        cluster.PersistTerm(cluster[2]);
        cluster.PersistLog(cluster[2]);

        _trace.News(2).ShouldBe(["\"e\":\"term\",\"term\":4", "\"e\":\"app\",\"term\":4,\"prev\":[0,0],\"t\":[1,1]"]);
    }

    [Fact]
    public void Two_leaders_entries_are_never_one_line_and_keep_their_term_when_the_nodes_has_grown()
    {
        var cluster = Cluster(3);
        Hears(cluster, leader: 1, term: 1, after: "0/0", entries: "1/1");
        cluster.PersistTerm(cluster[2]);
        Hears(cluster, leader: 3, term: 2, after: "1/1", entries: "2/1 3/2");
        cluster.PersistTerm(cluster[2]);
        _trace.News(2).ShouldBe(["\"e\":\"term\",\"term\":1", "\"e\":\"term\",\"term\":2"]);

        cluster.PersistLog(cluster[2]);

        _trace.News(2).ShouldBe(["\"e\":\"app\",\"term\":1,\"prev\":[0,0],\"t\":[1]", "\"e\":\"app\",\"term\":2,\"prev\":[1,1],\"t\":[1,2]"]);
    }

    /// <summary>The core takes such a confirmation for nothing (B38); the disk has it all the same.</summary>
    [Fact]
    public void An_event_is_told_also_when_its_entries_were_cut_meanwhile()
    {
        var cluster = Cluster(3);
        Hears(cluster, leader: 1, term: 1, after: "0/0", entries: "1/1 2/1");
        cluster.PersistTerm(cluster[2]);
        Hears(cluster, leader: 3, term: 2, after: "0/0", entries: "1/2");
        cluster.PersistTerm(cluster[2]);
        _trace.News(2);

        cluster.PersistLog(cluster[2], writes: 1);

        cluster[2].State.Log.Durable.ShouldBe(LogIndex.Zero);
        _trace.News(2).ShouldBe(["\"e\":\"app\",\"term\":1,\"prev\":[0,0],\"t\":[1,1]"]);
        cluster.PersistLog(cluster[2]);
        _trace.News(2).ShouldBe(["\"e\":\"app\",\"term\":2,\"prev\":[0,0],\"t\":[2]"]);
    }

    [Fact]
    public void A_follower_commits_no_more_than_it_has_stored()
    {
        var cluster = Elected();
        cluster[2].DiskHeld = true;
        cluster.Propose(cluster[1], (1, "a"));
        cluster.Propose(cluster[1], (2, "b"));
        cluster.Stabilize(cluster.Nodes);
        Heartbeat(cluster, 1);
        cluster[1].State.CommitIndex.ShouldBe(new LogIndex(3));
        _trace.News(2);

        cluster.PersistLog(cluster[2], writes: 1);

        _trace.News(2).ShouldBe(["\"e\":\"app\",\"term\":1,\"prev\":[1,1],\"t\":[1]", "\"e\":\"commit\",\"term\":1,\"i\":2"]);
        cluster.PersistLog(cluster[2]);
        _trace.News(2).ShouldBe(["\"e\":\"app\",\"term\":1,\"prev\":[2,1],\"t\":[1]", "\"e\":\"commit\",\"term\":1,\"i\":3"]);
        Heartbeat(cluster, 1);
        _trace.News(2).ShouldBeEmpty("it did not rise");
    }

    [Fact]
    public void A_leader_may_commit_before_its_own_disk_has_the_entry()
    {
        var cluster = Elected();
        cluster[1].DiskHeld = true;
        cluster.Propose(cluster[1], (1, "a"));
        cluster.Stabilize(cluster.Nodes);

        _trace.News(1).ShouldBe(["\"e\":\"commit\",\"term\":1,\"i\":2"]);
    }

    /// <summary>What is committed is not stored: after a start it rises from what the log begins with, and the start itself is no rise.</summary>
    [Fact]
    public void After_a_start_the_commit_index_is_told_when_it_rises_again()
    {
        var cluster = Elected();
        cluster.Crash(cluster[2]);
        cluster.Start(cluster[2]);
        cluster.Stabilize(cluster.Nodes);
        _trace.News(2).Skip(4).ShouldBe(["\"e\":\"crash\",\"term\":1,\"vote\":\"1\",\"base\":[0,0],\"last\":[1,1],\"runs\":[[1,1]]"]);

        Heartbeat(cluster, 1);

        _trace.News(2).ShouldBe(["\"e\":\"commit\",\"term\":1,\"i\":1"]);
    }

    CoreCluster Cluster(int nodes, int maxEventBytes = int.MaxValue)
    {
        var cluster = new CoreCluster(nodes, observer: _trace.Observer) { MaxEventBytes = maxEventBytes };
        foreach (var node in cluster.Nodes) _trace.News(node.Number).ShouldBe([FirstStart]);
        return cluster;
    }

    /// <summary>Node 1 leads term 1, and everybody knows that its no-op is committed.</summary>
    CoreCluster Elected(int maxEventBytes = int.MaxValue)
    {
        var cluster = Cluster(3, maxEventBytes);
        Elect(cluster, 1, [.. cluster.Nodes]);
        Heartbeat(cluster, 1);
        cluster[1].State.CommitIndex.ShouldBe(new LogIndex(1));
        _trace.News(1);
        return cluster;
    }

    /// <summary>A node that was granted its rehearsal and now stands; its term is not durable.</summary>
    static void Campaign(CoreCluster cluster, int number)
    {
        var node = cluster[number];
        foreach (var each in cluster.Nodes) each.Clock += TimeSpan.FromSeconds(2);
        cluster.Step(node, AkkaRaft.Consensus.Campaign.Instance);
        foreach (var asked in cluster.InFlight.Where(e => e.From == number).ToList()) cluster.Deliver(asked);
        foreach (var answer in cluster.InFlight.Where(e => e.To == number).ToList()) cluster.Deliver(answer);
        cluster.InFlight.Clear();
        node.State.Role.ShouldBe(RaftRole.Candidate);
    }

    static void Elect(CoreCluster cluster, int number, params ClusterNode[] among)
    {
        foreach (var each in cluster.Nodes) each.Clock += TimeSpan.FromSeconds(2);
        cluster.Step(cluster[number], AkkaRaft.Consensus.Campaign.Instance);
        cluster.Stabilize(among);
    }

    static void Heartbeat(CoreCluster cluster, int leader)
    {
        cluster.Tick(cluster[leader], CoreCluster.TickInterval * 2);
        cluster.Stabilize(cluster.Nodes);
    }

    /// <summary>Node 2 hears a leader that the test plays.</summary>
    static void Hears(CoreCluster cluster, int leader, long term, string after, string entries) =>
        cluster.Step(cluster[2], Messages.Append(leader, term, after, entries));
}
