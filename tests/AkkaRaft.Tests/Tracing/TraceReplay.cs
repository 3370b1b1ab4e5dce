using System.Text.Json;
using Shouldly;

namespace AkkaRaft.Tests.Tracing;

/// <summary>
/// Follows a trace line by line as a checker would that knows nothing but docs/trace.md and the Raft paper: what each node must have on its disk, who may
/// lead, what is committed. A line that cannot be is an error.
/// </summary>
internal sealed class TraceReplay(int voters)
{
    static readonly Dictionary<string, string[]> Fields = new()
    {
        ["cand"] = ["term", "last"],
        ["vote"] = ["term", "for"],
        ["term"] = ["term"],
        ["lead"] = ["term"],
        ["app"] = ["term", "prev", "t"],
        ["commit"] = ["term", "i"],
        ["snap"] = ["i", "t"],
        ["crash"] = ["term", "vote", "base", "last", "runs"],
    };

    readonly Dictionary<long, string> _leaders = [];
    readonly HashSet<(long Term, string Voter, string For)> _votes = [];
    readonly List<long> _committed = [];   // the terms of all entries that are committed
    long _newest;

    public SortedDictionary<string, ReplayedNode> Nodes { get; } = [];

    public SortedDictionary<string, int> Seen { get; } = [];

    public void Follow(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            Follow(json.RootElement);
        }
        catch (Exception wrong) when (wrong is ShouldAssertException or JsonException or InvalidOperationException)
        {
            throw new ShouldAssertException($"The trace cannot be: {line}: {wrong.Message}", wrong);
        }
    }

    void Follow(JsonElement line)
    {
        var (name, kind) = (line.GetProperty("n").GetString()!, line.GetProperty("e").GetString()!);
        line.EnumerateObject().Select(field => field.Name).ShouldBe(["ts", "n", "e", .. Fields[kind]]);
        var stamp = line.GetProperty("ts").GetInt64();
        stamp.ShouldBeGreaterThanOrEqualTo(_newest, "ts never falls");
        _newest = stamp;
        Seen[kind] = Seen.GetValueOrDefault(kind) + 1;

        var first = Nodes.TryAdd(name, new ReplayedNode(name));
        if (first) kind.ShouldBe("crash", "the first line of every start");
        var node = Nodes[name];
        var term = kind == "snap" ? node.Term : line.GetProperty("term").GetInt64();
        switch (kind)
        {
            case "cand":
                node.Stands(term, Pair(line.GetProperty("last")));
                _votes.Add((term, name, name));
                break;
            case "vote":
                node.Votes(term, line.GetProperty("for").GetString()!);
                _votes.Add((term, name, node.Vote));
                break;
            case "term":
                node.Rises(term);
                break;
            case "lead":
                Leads(node, term);
                break;
            case "app":
                node.Stores(term, Pair(line.GetProperty("prev")), [.. line.GetProperty("t").EnumerateArray().Select(t => t.GetInt64())]);
                break;
            case "commit":
                Commits(node, term, (int)line.GetProperty("i").GetInt64());
                break;
            case "snap":
                node.Installs((line.GetProperty("i").GetInt64(), line.GetProperty("t").GetInt64()), Before(line.GetProperty("i").GetInt64()));
                break;
            case "crash":
                var (index, of) = Pair(line.GetProperty("base"));
                if (index > 0) _committed[(int)index - 1].ShouldBe(of, "a snapshot stands for what is committed");
                node.Starts(term, line.GetProperty("vote").GetString()!, Before(index), Pair(line.GetProperty("last")),
                    [.. line.GetProperty("runs").EnumerateArray().Select(Pair)]);
                break;
        }
    }

    /// <summary>What a snapshot up to here stands for.</summary>
    List<long> Before(long index)
    {
        index.ShouldBeLessThanOrEqualTo(_committed.Count, "a snapshot stands for what is committed");
        return [.. _committed.Take((int)index)];
    }

    static (long Index, long Term) Pair(JsonElement pair)
    {
        pair.GetArrayLength().ShouldBe(2);
        return (pair[0].GetInt64(), pair[1].GetInt64());
    }

    /// <summary>Raft 5.2: a majority voted, and nobody else leads the term.</summary>
    void Leads(ReplayedNode node, long term)
    {
        (node.Term, node.Vote).ShouldBe((term, node.Name));
        _votes.Count(vote => vote.Term == term && vote.For == node.Name).ShouldBeGreaterThan(voters / 2);
        _leaders.TryAdd(term, node.Name).ShouldBeTrue("one leader a term");
        node.LeadsTerm = term;
    }

    /// <summary>Raft 5.3, 5.4.2: a leader commits what a majority has stored, an entry of its own term; followers what somebody has committed.</summary>
    void Commits(ReplayedNode node, long term, int index)
    {
        term.ShouldBe(node.Term);
        index.ShouldBeGreaterThan(node.Commit, "rose");
        node.Commit = index;
        if (node.LeadsTerm == term)
        {
            var holders = Nodes.Values.Where(n => n.Log.Count >= index && n.Log[index - 1] == term).ToList();
            holders.Count.ShouldBeGreaterThan(voters / 2, "a majority has stored it");
            if (index > _committed.Count) _committed.AddRange(holders[0].Log.Skip(_committed.Count).Take(index - _committed.Count));
        }
        else
        {
            index.ShouldBeLessThanOrEqualTo(node.Log.Count, "a follower commits only what it has stored");
            index.ShouldBeLessThanOrEqualTo(_committed.Count, "a leader has committed it before");
        }

        node.Log.Take(index).ShouldBe(_committed.Take(Math.Min(index, node.Log.Count)), "what is committed never changes");
    }
}

/// <summary>What one node must have on its disk.</summary>
internal sealed class ReplayedNode(string name)
{
    public string Name => name;

    public long Term { get; private set; }

    public string Vote { get; private set; } = "";

    /// <summary>The entries' terms, from index 1.</summary>
    public List<long> Log { get; private set; } = [];

    public int Commit { get; set; }

    public long LeadsTerm { get; set; } = -1;

    public void Stands(long term, (long, long) last)
    {
        term.ShouldBe(Term + 1, "a candidate begins the next term");
        last.ShouldBe(Last);
        (Term, Vote) = (term, name);
    }

    public void Votes(long term, string candidate)
    {
        term.ShouldBe(Term);
        candidate.ShouldNotBe(name, "the own vote is in cand");
        if (Vote != "") Vote.ShouldBe(candidate, "one vote a term");
        Vote = candidate;
    }

    public void Rises(long term)
    {
        term.ShouldBeGreaterThan(Term);
        (Term, Vote) = (term, "");
    }

    public void Stores(long term, (long Index, long Term) previous, long[] terms)
    {
        term.ShouldBeLessThanOrEqualTo(Term, "no entry before its leader's term is durable");
        terms.ShouldNotBeEmpty();
        terms.ShouldBeInOrder();
        terms[0].ShouldBeGreaterThanOrEqualTo(previous.Term);
        terms[^1].ShouldBeLessThanOrEqualTo(term);
        At(previous.Index).ShouldBe(previous.Term);
        previous.Index.ShouldBeGreaterThanOrEqualTo(Math.Min(Commit, Log.Count), "what is committed is never cut");
        Log = [.. Log.Take((int)previous.Index), .. terms];
    }

    public void Installs((long Index, long Term) last, List<long> before)
    {
        last.Index.ShouldBeGreaterThan(Commit, "an older snapshot changes nothing");
        before[^1].ShouldBe(last.Term);
        Log = Log.Count >= last.Index && Log[(int)last.Index - 1] == last.Term ? [.. before, .. Log.Skip((int)last.Index)] : before;
        Commit = (int)last.Index;
    }

    public void Starts(long term, string vote, List<long> before, (long Index, long Term) last, (long Index, long Term)[] runs)
    {
        term.ShouldBeGreaterThanOrEqualTo(Term, "what was durable is still there");
        if (term == Term && Vote != "") vote.ShouldBe(Vote);
        runs.Select(run => run.Term).Distinct().Count().ShouldBe(runs.Length, "a run is as long as it can be");
        var found = new List<long>(before);
        for (var i = 0; i < runs.Length; i++)
        {
            runs[i].Index.ShouldBe(found.Count + 1);
            var end = i + 1 < runs.Length ? runs[i + 1].Index : last.Index + 1;
            end.ShouldBeGreaterThan(runs[i].Index);
            found.AddRange(Enumerable.Repeat(runs[i].Term, (int)(end - runs[i].Index)));
        }

        found.Take(Commit).ShouldBe(Log.Take(Commit).Concat(found.Skip(Log.Count).Take(Math.Max(0, Commit - Log.Count))), "what was committed is still there");
        (Term, Vote, Log, Commit, LeadsTerm) = (term, vote, found, before.Count, -1);
        Last.ShouldBe(last);
    }

    (long, long) Last => (Log.Count, Log.Count == 0 ? 0 : Log[^1]);

    long At(long index) => index == 0 ? 0 : Log[checked((int)index - 1)];
}
