namespace AkkaRaft.TestKit.Checking;

/// <summary>Reduces a history that no order explains to a <see cref="Counterexample"/>.</summary>
internal sealed class CounterexampleShrinking
{
    // Enough for what people write; a search for less must not take longer than the check itself.
    const int LimitOfOneQuestion = 20_000;
    const int LimitOfAll = 200_000;
    const int LongHistory = 2_000;
    const int FewEnough = 12;
    const int Rounds = 16;
    const int SuspectsTried = 3;
    const int AnswersTried = 32;
    const int AnswersKept = 6;

    readonly StateSpace _space;
    readonly IReadOnlyList<Call> _calls;
    readonly List<Call> _byReturn;
    readonly int _limit;

    CounterexampleShrinking(StateSpace space, IReadOnlyList<Call> calls, int limit)
    {
        _space = space;
        _calls = calls;
        _limit = limit;
        _byReturn = [.. calls.Where(call => !call.IsOptional).OrderBy(call => call.Returned).ThenBy(call => call.Operation.Number)];
    }

    /// <param name="space">The model's states.</param>
    /// <param name="key">Of the part.</param>
    /// <param name="calls">The part; it was found that there is no order.</param>
    /// <param name="limit">The limit of the search that found it.</param>
    /// <param name="offender">A call that cannot be placed, if one was found; null to look for the first.</param>
    public static Counterexample Of(StateSpace space, object? key, IReadOnlyList<Call> calls, int limit, Call? offender = null) =>
        new CounterexampleShrinking(space, calls, limit).Shrink(key, offender);

    /// <summary>
    /// A call for which few others are enough to see that it cannot be placed; null if none was found. For histories with many writes that nobody reads: very
    /// many orders explain what came before the fault, and the search would try to mend it in each of them.
    /// </summary>
    /// <param name="space">The model's states.</param>
    /// <param name="calls">All.</param>
    /// <param name="longest">How far a search came.</param>
    public static Call? FindOffender(StateSpace space, IReadOnlyList<Call> calls, Configuration longest)
    {
        var shrinking = new CounterexampleShrinking(space, calls, LimitOfOneQuestion);
        var placed = longest.Order().ToHashSet();
        return shrinking._byReturn.Where(call => !placed.Contains(call)).Take(SuspectsTried)
            .FirstOrDefault(suspect => new Part(space, StateSpace.Initial, shrinking.PrefixTo(suspect), suspect).Core() is not null);
    }

    Counterexample Shrink(object? key, Call? found)
    {
        var offender = found ?? FirstOffender();
        var prefix = PrefixTo(offender);
        var result = Search.Run(new Problem(_space, StateSpace.Initial, prefix), found is null ? _limit : LimitOfOneQuestion, offender.Operation);
        var (part, before) = Fewest(prefix, offender, result.Bottleneck);
        var tooLate = part.TooLate(_calls.Where(call => call.Invoked > offender.Returned));
        return new Counterexample
        {
            Space = _space,
            Key = key,
            Offender = offender.Operation,
            PossibleAnswers = PossibleAnswers(prefix, offender, result.Answers),
            Start = part.Start,
            Before = before,
            Kept = InOrder(part.Kept),
            TooLate = InOrder(tooLate),
            OtherCommands = InOrder(prefix.Where(call => !call.Operation.IsQuery && !part.Kept.Contains(call)
                && !tooLate.Exists(late => late.Operation == call.Operation))),
            LongestOrder = result.Longest.Order(),
            LongestOrderState = result.Longest.State,
            IsMinimal = part.IsMinimal,
            Operations = _calls.Count,
        };
    }

    // From the initial state, so that the reader need take nothing on trust, if that leaves few. Where the history is long, or that leaves many: from the gate
    // that every attempt came through.
    (Part Part, List<Call> Before) Fewest(List<Call> prefix, Call offender, Configuration? gate)
    {
        var whole = new Part(_space, StateSpace.Initial, prefix, offender);
        if (gate is null || prefix.Count <= LongHistory)
        {
            whole.Shrink();
            if (gate is null || whole.IsMinimal && whole.Kept.Count <= FewEnough) return (whole, []);
        }

        var before = gate.Order();
        var placed = before.ToHashSet();
        var window = new Part(_space, gate.State, [.. prefix.Where(call => !placed.Contains(call))], offender);
        window.Shrink();
        return whole.Kept.Count > 0 && whole.Kept.Count <= window.Kept.Count ? (whole, []) : (window, before);
    }

    static List<Operation> InOrder(IEnumerable<Call> calls) => [.. calls.Select(call => call.Operation).OrderBy(o => o.Invoked).ThenBy(o => o.Number)];

    // If the whole has an order, so has each of its beginnings; so the shortest that has none is found by halving.
    Call FirstOffender()
    {
        var (explained, unexplained) = (-1, _byReturn.Count - 1);
        while (unexplained - explained > 1)
        {
            var middle = (explained + unexplained) / 2;
            if (Search.Run(new Problem(_space, StateSpace.Initial, PrefixTo(_byReturn[middle])), _limit).End == SearchEnd.None) unexplained = middle;
            else explained = middle;
        }

        return _byReturn[unexplained];
    }

    // Up to the moment at which a call ends: what began later is left out, what ended later has not yet ended.
    List<Call> PrefixTo(Call last)
    {
        var ended = _byReturn.Take(_byReturn.IndexOf(last) + 1).ToHashSet();
        return [.. _calls.Where(call => call.Invoked <= last.Returned).Select(call => call.IsOptional || ended.Contains(call) ? call : call.Forgotten())];
    }

    List<object?> PossibleAnswers(List<Call> prefix, Call offender, IReadOnlyList<object?> answers)
    {
        var possible = new List<object?>();
        foreach (var answer in answers.Take(AnswersTried))
        {
            var otherwise = prefix.Select(call => call == offender ? call with { Instead = new Answer(answer) } : call);
            if (Search.Run(new Problem(_space, StateSpace.Initial, otherwise), LimitOfOneQuestion).End != SearchEnd.Found) continue;
            possible.Add(answer);
            if (possible.Count == AnswersKept) break;
        }

        return possible;
    }

    /// <summary>Calls without an order from a state on, and how few of them are enough for that.</summary>
    sealed class Part(StateSpace space, int start, IReadOnlyList<Call> calls, Call offender)
    {
        readonly Call[] _required = [.. calls.Where(call => !call.IsOptional)];
        int _visited;

        public int Start => start;

        public List<Call> Kept { get; private set; } = [];

        public bool IsMinimal { get; private set; }

        bool IsOver => _visited > LimitOfAll;

        public void Shrink()
        {
            // The latest first: what happened just before is what a reader looks at.
            var enough = Core() ?? [.. _required];
            var pool = enough.Where(call => call != offender).OrderByDescending(call => call.Returned).ThenByDescending(call => call.Operation.Number).ToList();
            Kept = [offender, .. Fewest(pool, some => HasNoOrder(Weakened([offender, .. some])))];
            if (Kept.Count < enough.Count && !HasNoOrder(Weakened(Kept))) Kept = enough;
            // Where a question was given up the search for the fewest may have been misled.
            IsMinimal = Kept.TrueForAll(call => Ask(Weakened(Kept.Where(other => other != call))).End == SearchEnd.Found);
        }

        /// <summary>Of the weakened commands, and of those that began later, the ones whose time of invocation matters.</summary>
        public List<Call> TooLate(IEnumerable<Call> later)
        {
            var weakened = Weakened(Kept).Concat(later.Select(call => call.Forgotten())).ToList();
            var optional = weakened.Where(call => call.IsOptional && !call.Operation.IsQuery)
                .OrderBy(call => call.Invoked).ThenBy(call => call.Operation.Number).ToList();
            var late = Fewest(optional, some =>
            {
                var begins = some.ToHashSet();
                return HasNoOrder(weakened.Select(call => call.IsOptional && !begins.Contains(call) ? call.AtAnyTime() : call));
            });
            return IsOver ? [] : late;
        }

        // From the offender alone, all others weakened. As long as an order explains these few, it cheats: a weakened command that it uses came at another
        // time than it could, or one that it leaves out did take effect. So those that it uses, and some that ended last before the offender, are taken at
        // their word too.
        public List<Call>? Core()
        {
            var before = _required.Where(call => !call.Operation.IsQuery && call != offender)
                .OrderByDescending(call => call.Returned <= offender.Invoked)
                .ThenByDescending(call => call.Returned).ThenByDescending(call => call.Operation.Number).ToList();
            var byNumber = before.ToDictionary(call => call.Operation.Number);
            List<Call> core = [offender];
            for (var (round, nearest) = (0, 1); round < Rounds && !IsOver; round++, nearest += 1 + nearest / 4)
            {
                var result = Ask(Weakened(core));
                if (result.End == SearchEnd.None) return core;
                if (result.End == SearchEnd.GaveUp) return null;
                var used = result.Longest.Order().Where(call => call.IsOptional)
                    .Select(call => byNumber.GetValueOrDefault(call.Operation.Number)).OfType<Call>();
                core = [.. core.Concat(used).Distinct()];
                core.AddRange(before.Except(core).Take(nearest).ToList());
            }

            return null;
        }

        IEnumerable<Call> Weakened(IEnumerable<Call> kept)
        {
            var stay = kept.ToHashSet();
            return calls.Select(call => call.IsOptional || stay.Contains(call) ? call : call.Forgotten());
        }

        // "No" also if the limit is reached: then more is kept than is needed, never less.
        bool HasNoOrder(IEnumerable<Call> some) => Ask(some).End == SearchEnd.None;

        SearchResult Ask(IEnumerable<Call> some)
        {
            var result = Search.Run(new Problem(space, start, some), IsOver ? 0 : LimitOfOneQuestion);
            // Putting the question has its price too.
            _visited += result.Visited + calls.Count / 10;
            return result;
        }

        // The whole pool is enough, and what is enough stays so with more. In each round the shortest beginning of the pool that is enough together with what
        // was chosen: its last member is needed. None of the chosen is then superfluous.
        static List<Call> Fewest(IReadOnlyList<Call> pool, Func<List<Call>, bool> isEnough)
        {
            var chosen = new List<Call>();
            var length = pool.Count;
            while (length > 0 && !isEnough(chosen))
            {
                var (tooShort, enough) = (0, length);
                while (enough - tooShort > 1)
                {
                    var middle = tooShort + Math.Min((enough - tooShort) / 2, Math.Max(tooShort, 1));
                    if (isEnough([.. chosen, .. pool.Take(middle)])) enough = middle;
                    else tooShort = middle;
                }

                chosen.Add(pool[enough - 1]);
                length = enough - 1;
            }

            return chosen;
        }
    }
}
