using Akka.Cluster;
using Akka.Configuration;
using AkkaRaft.Cluster.Claims;
using AkkaRaft.Cluster.Piloting;

namespace AkkaRaft.Cluster.Tests.Piloting;

/// <summary>A node as a scene has it: in the group, in the cluster, and how it is.</summary>
internal sealed class SceneNode
{
    public required string Home { get; init; }

    /// <summary>What it is in the group; null if it is no member.</summary>
    public RaftMemberRole? Role { get; set; }

    public string? Address { get; set; }

    public bool PromoteWhenCaughtUp { get; set; }

    public bool HasStorage { get; set; } = true;

    /// <summary>Whether the leader hears it now.</summary>
    public bool Talks { get; set; } = true;

    public TimeSpan? HeardAt { get; set; }

    public string SpeaksFrom { get; set; } = "";

    public long Lag { get; set; }

    public RaftPeerState State { get; set; } = RaftPeerState.Replicate;

    /// <summary>The cluster members that claim its id.</summary>
    public List<(string Address, MemberStatus Status, bool IsReachable)> Claims { get; } = [];

    public bool StaysLearner { get; set; }
}

/// <summary>A group, a cluster and a clock, as an autopilot sees them; what it decides is carried out, or not.</summary>
internal sealed class Scene
{
    readonly SortedDictionary<int, SceneNode> _nodes = [];

    public RaftClusterSettings Settings { get; set; } = RaftClusterSettings.Create(Config.Empty).WithAutopilot(true);

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    public long Term { get; set; } = 3;

    public bool Leads { get; set; } = true;

    public bool IsCommitted { get; set; } = true;

    public bool IsJoint { get; set; }

    public bool IsLeaving { get; set; }

    public long Index { get; private set; } = 7;

    public AutopilotMemory Memory { get; private set; } = AutopilotMemory.Empty;

    public IReadOnlyDictionary<int, SceneNode> Nodes => _nodes;

    public SceneNode this[int id] => _nodes.TryGetValue(id, out var node) ? node : _nodes[id] = new SceneNode { Home = $"10.0.0.{id}:1", SpeaksFrom = $"10.0.0.{id}:1" };

    public static NodeId Id(int id) => new($"{id}");

    public Scene Voters(params int[] ids) => Members(RaftMemberRole.Voter, ids);

    public Scene Learners(params int[] ids) => Members(RaftMemberRole.Learner, ids);

    /// <summary>They are Up in the cluster.</summary>
    public Scene Up(params int[] ids)
    {
        foreach (var id in ids)
        {
            this[id].Claims.Clear();
            this[id].Claims.Add((this[id].Home, MemberStatus.Up, true));
        }

        return this;
    }

    /// <summary>Gone from both the cluster and Raft.</summary>
    public Scene Dies(params int[] ids)
    {
        foreach (var id in ids)
        {
            this[id].Claims.Clear();
            this[id].Talks = false;
        }

        return this;
    }

    public string VotersNow => string.Join(" ", _nodes.Where(node => node.Value.Role == RaftMemberRole.Voter).Select(node => node.Key));

    public string LearnersNow => string.Join(" ", _nodes.Where(node => node.Value.Role == RaftMemberRole.Learner).Select(node => node.Key));

    public RaftConfiguration Configuration => new(new LogIndex(Index), IsCommitted,
    [
        .. _nodes.Where(node => node.Value.Role is not null).Select(node => new RaftConfigurationMember(Id(node.Key), node.Value.Address!, node.Value.Role!.Value)
        {
            Storage = node.Value.HasStorage ? new StorageId("aa") : null, PromoteWhenCaughtUp = node.Value.PromoteWhenCaughtUp, VotedBefore = IsJoint && node.Value.Role == RaftMemberRole.Voter,
        }).OrderBy(member => member.Id),
    ]);

    /// <summary>Node 1 looks.</summary>
    public AutopilotView View
    {
        get
        {
            foreach (var node in _nodes.Values.Where(node => node.Talks)) node.HeardAt = Now;
            return new AutopilotView
            {
                Status = new RaftStatus(Id(1), Leads ? RaftRole.Leader : RaftRole.Follower, new Term(Term), Leads ? Id(1) : null, EntryId.Zero, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero)
                {
                    Address = this[1].SpeaksFrom,
                    Configuration = Configuration,
                    Peers =
                    [
                        .. _nodes.Where(node => node.Key != 1 && node.Value.Role is not null).Select(node => new RaftPeerStatus(Id(node.Key), node.Value.SpeaksFrom)
                        {
                            HeardAgo = Now - node.Value.HeardAt, State = Leads ? node.Value.State : null, Lag = node.Value.Lag,
                        }),
                    ],
                },
                Cluster = ClusterView.Of(_nodes.SelectMany(node => node.Value.Claims.Select(claim => new ClusterPeer(claim.Address, claim.Status, claim.IsReachable,
                    [Settings.Role, $"{Settings.NodeRolePrefix}{node.Key}", .. node.Value.StaysLearner ? new[] { Settings.LearnerRole } : []]))), Settings),
                Now = Now,
                SilentAfter = TimeSpan.FromSeconds(1.2),
                IsLeaving = IsLeaving,
            };
        }
    }

    /// <summary>Time goes by, and the autopilot looks.</summary>
    public RaftAutopilotDecision Look(double seconds = 0)
    {
        Now += TimeSpan.FromSeconds(seconds);
        (var decision, Memory) = AutopilotPolicy.Decide(View, Memory, Settings);
        return decision;
    }

    /// <summary>The leader makes the change.</summary>
    public void Carry(RaftAutopilotAction action)
    {
        action.Change.Check();
        Index++;
        foreach (var node in _nodes.Values) (node.Role, node.Address) = (null, null);
        foreach (var wanted in action.Change.Members)
        {
            var node = this[int.Parse(wanted.Member.Id.Value)];
            (node.Role, node.Address, node.PromoteWhenCaughtUp) = (wanted.Role, wanted.Member.Address, wanted.PromoteWhenCaughtUp);
        }
    }

    public void Fail(RaftAutopilotAction action) => Memory = Memory.Failed(action, Now);

    /// <summary>It looks each second, and what it decides is made.</summary>
    /// <returns>What it did, in order.</returns>
    public IReadOnlyList<RaftAutopilotAction> Run(int seconds)
    {
        var done = new List<RaftAutopilotAction>();
        for (var second = 0; second < seconds; second++)
        {
            if (Look(1).Action is not { } action) continue;
            done.Add(action);
            Carry(action);
        }

        return done;
    }

    Scene Members(RaftMemberRole role, int[] ids)
    {
        foreach (var id in ids) (this[id].Role, this[id].Address) = (role, this[id].Home);
        return Up(ids);
    }
}
