namespace AkkaRaft.TestKit.Checking;

internal enum SearchEnd
{
    /// <summary>There is an order that explains every answer.</summary>
    Found,

    /// <summary>There is none.</summary>
    None,

    /// <summary>The limit was reached first.</summary>
    GaveUp,
}

/// <param name="End">The answer.</param>
/// <param name="Visited">How many configurations were looked at.</param>
/// <param name="Longest">The one that explains the most calls; all of them if an order was found.</param>
/// <param name="Bottleneck">If there is no order: the last configuration through which every attempt had to go; null if that is the start.</param>
/// <param name="Answers">What the watched call would have had to answer wherever it could have stood, the recorded answer left out.</param>
internal sealed record SearchResult(SearchEnd End, int Visited, Configuration Longest, Configuration? Bottleneck, IReadOnlyList<object?> Answers);

/// <summary>
/// Looks for an order of the calls in which each takes effect between its invocation and its return and answers what was recorded: Wing and Gong's search with
/// Lowe's memory of configurations. Four things keep it small, and none of them loses an order: a query that fits is placed at once (it changes nothing, so it
/// stands in nobody's way); optional calls are tried only when the required ones lead nowhere, few before many; of two configurations that differ in used
/// optional calls only, the one that used less is kept (what it did not use may stay unused for ever); and of optional calls with the same input the first
/// comes first.
/// </summary>
internal sealed class Search
{
    const int LongChain = 4;

    readonly Problem _problem;
    readonly StateSpace _space;
    readonly Call[] _required;
    readonly int _limit;
    readonly int _chainLimit;
    readonly bool _isOrderKnown;
    readonly int[] _rank;
    readonly Frontier _frontier;
    readonly Dictionary<Configuration, Configuration> _alike = new(new Configuration.AlikeComparer());
    readonly List<Configuration> _all = [];
    readonly Stack<Visit> _open = new();
    readonly List<(Configuration Configuration, int Rank)> _found = [];
    readonly List<int> _candidates = [];
    readonly List<int> _next = [];
    readonly Operation? _watched;
    readonly List<object?> _answers = [];
    Configuration _longest;
    int _visited;
    bool _isCut;

    Search(Problem problem, int limit, int chainLimit, Operation? watched)
    {
        _chainLimit = chainLimit;
        _problem = problem;
        _space = problem.Space;
        _required = problem.Required;
        _limit = limit;
        _watched = watched;
        _frontier = new Frontier(_required);
        _isOrderKnown = Array.TrueForAll(_required, call => call.Operation.Index > LogIndex.Zero);
        _rank = Ranks();
        _longest = Start();
    }

    /// <param name="problem">The question.</param>
    /// <param name="limit">How many configurations to look at before giving up.</param>
    /// <param name="watched">A call whose possible answers are to be collected.</param>
    public static SearchResult Run(Problem problem, int limit, Operation? watched = null)
    {
        // Rarely do many unknown commands take effect between two known ones, and long chains of them are very many: short ones first. Where one of two is needed, the
        // search among chains of one may be very long and lead nowhere: each length gets half of what is left, the last all of it.
        var visited = 0;
        for (var chain = problem.Optional.Length == 0 ? int.MaxValue : 1; ;)
        {
            var isLast = chain == int.MaxValue;
            var search = new Search(problem, isLast ? limit - visited : (limit - visited) / 2, chain, watched);
            var result = search.Run();
            visited += result.Visited;
            if (isLast || result.End == SearchEnd.Found || (result.End == SearchEnd.None && !search._isCut)) return result with { Visited = visited };
            // Where nothing was cut a longer one differs in nothing but the limit.
            chain = search._isCut && chain < LongChain ? 2 * chain : int.MaxValue;
        }
    }

    SearchResult Run()
    {
        while (_longest.Done < _required.Length && _visited <= _limit && _open.TryPop(out var visit))
        {
            if (visit.Configuration.IsSuperseded) continue;
            _frontier.Load(visit.Configuration);
            if (visit.WithOptional) TryOptional(visit.Configuration);
            else TryRequired(visit.Configuration);
            _frontier.Unload();
            OpenFound();
        }

        if (_longest.Done == _required.Length) return new SearchResult(SearchEnd.Found, _visited, _longest, null, _answers);
        return _visited > _limit
            ? new SearchResult(SearchEnd.GaveUp, _visited, _longest, null, _answers)
            : new SearchResult(SearchEnd.None, _visited, _longest, Bottleneck(), _answers);
    }

    Configuration Start()
    {
        var start = new Configuration { Placed = [], State = _problem.Initial, First = 0, Window = [], Hash = 0, Done = 0, Used = default };
        _frontier.Load(start);
        _longest = start;
        Add(start, _problem.Initial, []);
        _frontier.TakeBack();
        OpenFound();
        return _all[0];
    }

    void TryRequired(Configuration from)
    {
        _frontier.FindCandidates(_candidates);
        _next.Clear();
        foreach (var call in _candidates)
        {
            if (Accepts(from.State, _required[call])) _next.Add(call);
        }

        _next.Sort((x, y) => _rank[x].CompareTo(_rank[y]));
        foreach (var call in _next) Place(call, from.State, [], from.Used, from);
        if (_problem.Optional.Length == 0) return;

        // Where the order of the log is known and its next entry does not fit, an unknown command most likely comes first.
        var isNextAmiss = _isOrderKnown && (_next.Count == 0 || _candidates.Exists(call => _rank[call] < _rank[_next[0]]));
        if (isNextAmiss) OpenFound();
        _open.Push(new Visit(from, WithOptional: true));
    }

    // All that unknown outcomes can make of the state before the next required call, by breadth: few before many.
    void TryOptional(Configuration from)
    {
        _frontier.FindCandidates(_candidates);
        var candidates = _candidates.ToArray();
        var deadline = _frontier.Deadline;
        var reached = new Dictionary<int, List<OptionalCalls>> { [from.State] = [from.Used] };
        var queue = new Queue<(int State, OptionalCalls Used, Chain? Chain)>([(from.State, from.Used, null)]);
        while (queue.TryDequeue(out var at) && _visited <= _limit)
        {
            if (at.Chain is not null && TryCandidates(candidates, at.State, at.Used, at.Chain, from)) continue;
            for (var group = 0; group < _problem.Optional.Length; group++)
            {
                var alike = _problem.Optional[group];
                var used = at.Used.Of(group);
                if (alike[0].Invoked > deadline) break;
                if (used == alike.Length || alike[used].Invoked > deadline) continue;
                var state = _space.Apply(at.State, alike[used].Input).Next;
                if (state == at.State) continue;
                if (at.Chain?.Length >= _chainLimit)
                {
                    _isCut = true;
                    break;
                }

                var more = at.Used.With(group);
                if (!reached.TryGetValue(state, out var ways)) reached.Add(state, ways = []);
                if (ways.Exists(way => way.AreWithin(more))) continue;
                ways.Add(more);
                _visited++;
                queue.Enqueue((state, more, new Chain(alike[used], at.Chain)));
            }
        }

        if (!_isOrderKnown) return;
        var byRank = _found.OrderBy(found => found.Rank).ToList();
        _found.Clear();
        _found.AddRange(byRank);
    }

    /// <summary>True if a query fitted: then it was placed, and all else follows from there.</summary>
    bool TryCandidates(int[] candidates, int state, OptionalCalls used, Chain chain, Configuration from)
    {
        foreach (var call in candidates)
        {
            if (!_required[call].Operation.IsQuery || !Accepts(state, _required[call])) continue;
            Place(call, state, chain.InOrder(), used, from);
            return true;
        }

        foreach (var call in candidates)
        {
            if (!_required[call].Operation.IsQuery && Accepts(state, _required[call])) Place(call, state, chain.InOrder(), used, from);
        }

        return false;
    }

    void Place(int call, int state, Call[] before, OptionalCalls used, Configuration from)
    {
        _frontier.Place(call);
        Add(from, _space.Apply(state, _required[call].Input).Next, [.. before, _required[call]], used, _rank[call]);
        _frontier.TakeBack();
    }

    void Add(Configuration from, int state, Call[] placed, OptionalCalls used = default, int rank = 0)
    {
        placed = [.. placed, .. PlaceQueries(state)];
        var (first, window) = _frontier.Pack();
        var configuration = new Configuration
        {
            Parent = from, Placed = placed, State = state, First = first, Window = window, Hash = _frontier.Hash, Done = _frontier.Done, Used = used,
            ReachedFrom = from.Done,
        };
        if (_alike.TryGetValue(configuration, out var alike))
        {
            for (var other = alike; other is not null; other = other.NextAlike)
            {
                if (other.Used.AreWithin(used))
                {
                    other.ReachedFrom = Math.Min(other.ReachedFrom, from.Done);
                    return;
                }

                if (used.AreWithin(other.Used)) other.IsSuperseded = true;
            }

            (configuration.NextAlike, alike.NextAlike) = (alike.NextAlike, configuration);
        }
        else
        {
            _alike.Add(configuration, configuration);
        }

        _visited++;
        _all.Add(configuration);
        if (configuration.Done > _longest.Done) _longest = configuration;
        _found.Add((configuration, rank));
    }

    // Each that fits may let later ones in.
    List<Call> PlaceQueries(int state)
    {
        var placed = new List<Call>();
        var candidates = new List<int>();
        int before;
        do
        {
            before = placed.Count;
            _frontier.FindCandidates(candidates);
            foreach (var call in candidates)
            {
                if (!_required[call].Operation.IsQuery || !Accepts(state, _required[call])) continue;
                _frontier.Place(call);
                placed.Add(_required[call]);
            }
        }
        while (placed.Count > before);
        return placed;
    }

    bool Accepts(int state, Call call)
    {
        var (next, output) = _space.Apply(state, call.Input);
        if (next != state && call.Operation.IsQuery) throw ChangedByQuery(state, call);
        if (call.Instead is { } instead) return Equals(instead.Value, output);
        if (_space.Model.SameOutput(call.Operation.Input, output, call.Operation.Output)) return true;
        if (ReferenceEquals(call.Operation, _watched) && !_answers.Contains(output)) _answers.Add(output);
        return false;
    }

    InvalidOperationException ChangedByQuery(int state, Call call) => new(
        $"{_space.Model.GetType().Name} says that {_space.Model.DescribeInput(call.Operation.Input)} changes the state {_space.Describe(state)}, "
        + $"but operation #{call.Operation.Number} is a query, which changes nothing. "
        + "If the state did not really change, the model's StateComparer takes equal states for different ones; otherwise its Apply is wrong.");

    // The first found is the best guess: it goes on top.
    void OpenFound()
    {
        for (var i = _found.Count - 1; i >= 0; i--) _open.Push(new Visit(_found[i].Configuration, WithOptional: false));
        _found.Clear();
    }

    // The order of the log, if it is known: a guess that makes a right history cheap, and is never believed. Otherwise what had to be over first.
    int[] Ranks()
    {
        var ranks = new int[_required.Length];
        var order = Enumerable.Range(0, _required.Length)
            .OrderBy(i => _isOrderKnown ? _required[i].Operation.Index.Value : _required[i].Returned.Ticks).ToList();
        for (var rank = 0; rank < order.Count; rank++) ranks[order[rank]] = rank;
        return ranks;
    }

    // Every attempt to place more than d calls came through one of the configurations that were reached from d or fewer. Where that is only one, it is a gate.
    Configuration? Bottleneck()
    {
        var crossings = new int[_longest.Done + 2];
        foreach (var configuration in _all.Skip(1))
        {
            crossings[configuration.ReachedFrom]++;
            crossings[configuration.Done]--;
        }

        var (gate, open) = (-1, 0);
        for (var d = 0; d < _longest.Done; d++)
        {
            open += crossings[d];
            if (open == 1) gate = d;
        }

        return gate < 0 ? null : _all.Skip(1).First(configuration => configuration.ReachedFrom <= gate && gate < configuration.Done);
    }

    readonly record struct Visit(Configuration Configuration, bool WithOptional);

    sealed record Chain(Call Last, Chain? Before)
    {
        public int Length { get; } = (Before?.Length ?? 0) + 1;

        public Call[] InOrder()
        {
            var calls = new List<Call>();
            for (var at = this; at is not null; at = at.Before) calls.Add(at.Last);
            calls.Reverse();
            return [.. calls];
        }
    }
}
