using System.Collections.Concurrent;
using Akka.Cluster;
using CsCheck;
using Shouldly;
using Xunit;

namespace AkkaRaft.Cluster.Tests.Piloting;

/// <summary>What no autopilot may do, whatever it sees, judged from what was there and not from what it remembers.</summary>
public sealed class AutopilotProperties
{
    const int Nodes = 8;

    /// <summary>Something happens to a node, or to the group, and then some time goes by until the next look.</summary>
    readonly record struct Happening(int Node, int What, int Value, int Milliseconds, bool IsCarriedOut);

    static readonly Gen<Happening> Happenings =
        Gen.Select(Gen.Int[1, Nodes], Gen.Int[0, 14], Gen.Int[0, 5], Gen.Int[0, 4000], Gen.Bool, (node, what, value, milliseconds, carried) => new Happening(node, what, value, milliseconds, carried));

    static readonly Gen<(int Voters, int Learners, int Joined, int Min, int Max)> Beginnings =
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[1, 3], Gen.Int[1, 3], (voters, learners, joined, min, max) => (voters, learners, joined, min, 2 * max + 1));

    [Fact]
    public void Every_step_is_safe_whatever_happens()
    {
        var judged = new ConcurrentDictionary<RaftAutopilotActionKind, int>();
        Gen.Select(Beginnings, Happenings.List[1, 120]).Sample((beginning, happenings) =>
        {
            var scene = Begin(beginning);
            var history = new List<(TimeSpan At, Dictionary<int, (bool Dead, bool Well)> Nodes)>();
            foreach (var happening in happenings)
            {
                Happen(scene, happening);
                var term = scene.Term;
                var decision = scene.Look(happening.Milliseconds / 1000.0);
                if (!scene.Leads) history.Clear();   // another leadership begins anew
                history.Add((scene.Now, scene.Nodes.ToDictionary(node => node.Key, node => (IsDead(scene, node.Key), IsWell(scene, node.Key)))));
                if (decision.Action is not { } action) continue;
                Judge(scene, action, history);
                judged.AddOrUpdate(action.Kind, 1, (_, times) => times + 1);
                if (happening.IsCarriedOut) scene.Carry(action);
                else if (happening.Value < 3) scene.Fail(action);
            }
        }, iter: 1500);
        judged.Keys.Order().SequenceEqual(Enum.GetValues<RaftAutopilotActionKind>()).ShouldBeTrue("else nothing was judged");
    }

    /// <summary>In a world that stays as it is it comes to an end: everybody is what it should be, and nothing flaps.</summary>
    [Fact]
    public void In_a_quiet_world_it_comes_to_rest_where_it_should() =>
        Gen.Select(Beginnings, Gen.Int[0, 255], Gen.Int[0, 255]).Sample((beginning, dead, shy) =>
        {
            var scene = Begin(beginning);
            foreach (var id in scene.Nodes.Keys.Where(id => id != 1).ToList())
            {
                if ((dead >> (id - 1) & 1) == 1) scene.Dies(id);
                scene[id].StaysLearner = (shy >> (id - 1) & 1) == 1;
            }

            var hasMajority = scene.Configuration.Voters.Count(voter => scene[int.Parse(voter.Id.Value)].Talks) > scene.Configuration.Voters.Count() / 2;
            var done = scene.Run(600);
            scene.Run(200).ShouldBeEmpty("it has come to rest");
            if (!hasMajority)
            {
                done.ShouldBeEmpty();
                return;
            }

            var voters = scene.Configuration.Voters.Select(voter => int.Parse(voter.Id.Value)).ToList();
            var learners = scene.Configuration.Learners.Select(learner => int.Parse(learner.Id.Value)).ToList();
            scene.Nodes.Where(node => node.Value.Claims.Count == 1).ShouldAllBe(node => node.Value.Role != null, "everybody who is there is a member");
            learners.ShouldAllBe(id => scene[id].Talks, "no dead learner is left");
            var spare = learners.Count(id => !scene[id].StaysLearner);
            if (voters.Any(id => !scene[id].Talks))
            {
                (spare == 0 || voters.Count > scene.Settings.MaxVoters).ShouldBeTrue("a dead voter stays only where nobody can take its place");
                voters.Count.ShouldBeLessThanOrEqualTo(scene.Settings.MinVoters, "or too few would be left");
            }

            if (spare >= 2) voters.Count.ShouldBeGreaterThanOrEqualTo(scene.Settings.MaxVoters - 1, "learners wait only where there is no place");
            if (voters.Count % 2 == 0) (spare == 0 || voters.Count >= scene.Settings.MaxVoters).ShouldBeTrue("an even number stays only where nobody could make it odd");
        }, iter: 250);

    /// <summary>What it decides depends on what it sees and remembers alone.</summary>
    [Fact]
    public void The_same_sight_is_the_same_decision() =>
        Gen.Select(Beginnings, Happenings.List[1, 40]).Sample((beginning, happenings) =>
        {
            var (one, other) = (Begin(beginning), Begin(beginning));
            foreach (var happening in happenings)
            {
                Happen(one, happening);
                Happen(other, happening);
                var (first, second) = (one.Look(happening.Milliseconds / 1000.0), other.Look(happening.Milliseconds / 1000.0));
                second.Reason.ShouldBe(first.Reason);
                second.Action?.What.ShouldBe(first.Action?.What);
                if (first.Action is null) continue;
                one.Carry(first.Action);
                other.Carry(second.Action!);
            }
        }, iter: 500);

    static Scene Begin((int Voters, int Learners, int Joined, int Min, int Max) beginning)
    {
        var scene = new Scene();
        scene.Settings = scene.Settings.WithMinVoters(beginning.Min).WithMaxVoters(beginning.Max).WithRemoveDeadAfter(TimeSpan.FromSeconds(30));
        scene.Voters([.. Enumerable.Range(1, beginning.Voters)]);
        scene.Learners([.. Enumerable.Range(beginning.Voters + 1, beginning.Learners)]);
        return scene.Up([.. Enumerable.Range(beginning.Voters + beginning.Learners + 1, Math.Min(beginning.Joined, Nodes - beginning.Voters - beginning.Learners))]);
    }

    static void Happen(Scene scene, Happening happening)
    {
        var (id, node, value) = (happening.Node, scene[happening.Node], happening.Value);
        switch (happening.What)
        {
            case 0 or 1: scene.Dies(id); break;
            case 2 or 3 or 4: node.Talks = true; scene.Up(id); break;
            case 5: node.Talks = value > 1; break;
            case 6: node.Lag = value * 500; break;
            case 7: node.HasStorage = value > 0; break;
            case 8: node.State = (RaftPeerState)(value % 3); break;
            case 9: node.StaysLearner = value == 0; break;
            case 10 when node.Claims.Count > 0: node.Claims[0] = (node.Claims[0].Address, (MemberStatus)value, value % 2 == 0); break;
            case 11: node.Claims.Add(($"10.9.9.{id}:1", MemberStatus.Up, value % 2 == 0)); break;
            case 12: node.SpeaksFrom = value % 2 == 0 ? node.Home : $"10.9.9.{id}:1"; break;
            case 13: (scene.Leads, scene.IsCommitted, scene.IsJoint, scene.IsLeaving) = (value != 0, value != 1, value == 2, value == 3); if (value == 0) scene.Term++; break;
            case 14: node.PromoteWhenCaughtUp = value == 0 && node.Role == RaftMemberRole.Learner; break;
        }
    }

    static bool IsHeard(Scene scene, int id) => id == 1 || scene[id].HeardAt is { } at && scene.Now - at <= TimeSpan.FromSeconds(1.2);

    static bool IsDead(Scene scene, int id) => !IsHeard(scene, id) && !(Believed(scene, id) is { IsReachable: true }) && Claims(scene, id).Count < 2;

    static bool IsWell(Scene scene, int id) => scene[id] is { Role: RaftMemberRole.Learner, HasStorage: true, State: RaftPeerState.Replicate, StaysLearner: false } node
        && node.Lag <= scene.Settings.MaxLag && IsHeard(scene, id) && Believed(scene, id) is { Status: MemberStatus.Up, IsReachable: true } claim && claim.Address == node.Address;

    static List<(string Address, MemberStatus Status, bool IsReachable)> Claims(Scene scene, int id) =>
        [.. scene[id].Claims.Where(claim => claim.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up or MemberStatus.Leaving)];

    static (string Address, MemberStatus Status, bool IsReachable)? Believed(Scene scene, int id) => Claims(scene, id) is [var only] ? only : null;

    static void Judge(Scene scene, RaftAutopilotAction action, List<(TimeSpan At, Dictionary<int, (bool Dead, bool Well)> Nodes)> history)
    {
        var (before, after) = (scene.Configuration, action.Change);
        var what = $"{action.What}, of {before}";
        (scene.Leads && scene.IsCommitted && !scene.IsJoint && !scene.IsLeaving).ShouldBeTrue(what);
        after.ExpectedIndex.ShouldBe(before.Index, what);
        after.Force.ShouldBeFalse(what);
        after.Check();

        var wanted = after.Members.ToDictionary(member => member.Member.Id);
        var (votersBefore, votersAfter) = (before.Voters.Select(voter => int.Parse(voter.Id.Value)).ToList(), after.Members.Where(member => member.Role == RaftMemberRole.Voter).Select(member => int.Parse(member.Member.Id.Value)).ToList());
        (votersBefore.Count(id => IsHeard(scene, id)) * 2).ShouldBeGreaterThan(votersBefore.Count, what);
        (votersAfter.Count(id => IsHeard(scene, id)) * 2).ShouldBeGreaterThan(votersAfter.Count, what);
        if (votersAfter.Count < votersBefore.Count) votersAfter.Count.ShouldBeGreaterThanOrEqualTo(scene.Settings.MinVoters, what);
        if (votersAfter.Count > votersBefore.Count) (votersAfter.Count % 2 == 1 && votersAfter.Count <= scene.Settings.MaxVoters).ShouldBeTrue(what);
        wanted.ShouldContainKey(Scene.Id(1), what);

        var differences = 0;
        foreach (var member in before.Members)
        {
            var id = int.Parse(member.Id.Value);
            if (!wanted.TryGetValue(member.Id, out var now))
            {
                differences++;
                id.ShouldNotBe(1, what);
                WasSo(history, scene.Settings.RemoveDeadAfter, nodes => nodes.TryGetValue(id, out var seen) && seen.Dead).ShouldBeTrue(what);
                continue;
            }

            if (member.Role == RaftMemberRole.Voter) now.Role.ShouldBe(RaftMemberRole.Voter, what);
            if (now.Role != member.Role)
            {
                differences++;
                WasSo(history, scene.Settings.StableAfter, nodes => nodes.TryGetValue(id, out var seen) && seen.Well).ShouldBeTrue(what);
            }
            else now.PromoteWhenCaughtUp.ShouldBe(member.PromoteWhenCaughtUp, what);

            if (now.Member.Address == member.Address) continue;
            differences++;
            Believed(scene, id).ShouldNotBeNull(what).Address.ShouldBe(now.Member.Address, what);
            scene[id].SpeaksFrom.ShouldBe(now.Member.Address, what);
            IsHeard(scene, id).ShouldBeTrue(what);
        }

        foreach (var added in after.Members.Where(member => before.Find(member.Member.Id) is null))
        {
            differences++;
            var claim = Believed(scene, int.Parse(added.Member.Id.Value)).ShouldNotBeNull(what);
            (claim.Address, claim.Status, claim.IsReachable).ShouldBe((added.Member.Address, MemberStatus.Up, true), what);
            (added.Role, added.PromoteWhenCaughtUp).ShouldBe((RaftMemberRole.Learner, false), what);
        }

        differences.ShouldBeInRange(1, action.Kind is RaftAutopilotActionKind.Promote or RaftAutopilotActionKind.Replace ? 2 : 1, what);
    }

    /// <summary>Whether it was so at every look of the last while, which reaches back that far.</summary>
    static bool WasSo(List<(TimeSpan At, Dictionary<int, (bool Dead, bool Well)> Nodes)> history, TimeSpan time, Func<Dictionary<int, (bool Dead, bool Well)>, bool> isSo)
    {
        var since = history.AsEnumerable().Reverse().TakeWhile(look => isSo(look.Nodes)).Select(look => look.At).ToList();
        return since.Count > 0 && history[^1].At - since[^1] >= time;
    }
}
