namespace AkkaRaft.TestKit.Checking;

/// <summary>
/// The states and inputs that a check has met, by number, so that the search compares numbers only; and what it has learned from the model, which is asked once
/// for each pair of them.
/// </summary>
internal abstract class StateSpace(SequentialModel model)
{
    public const int Initial = 0;

    readonly Dictionary<object, int> _numbers = [];
    readonly List<object> _inputs = [];
    readonly Dictionary<(int State, int Input), (int Next, object? Output)> _known = [];

    public SequentialModel Model => model;

    /// <summary>The number of an input; equal inputs have one number.</summary>
    public int NumberOf(object input)
    {
        if (!_numbers.TryGetValue(input, out var number))
        {
            _numbers.Add(input, number = _inputs.Count);
            _inputs.Add(input);
        }

        return number;
    }

    public (int Next, object? Output) Apply(int state, int input)
    {
        if (!_known.TryGetValue((state, input), out var result)) _known.Add((state, input), result = Ask(state, _inputs[input]));
        return result;
    }

    public abstract string Describe(int state);

    protected abstract (int Next, object? Output) Ask(int state, object input);
}

internal sealed class StateSpace<TState> : StateSpace
{
    readonly SequentialModel<TState> _model;
    readonly Dictionary<Held, int> _numbers;
    readonly List<TState> _states = [];

    public StateSpace(SequentialModel<TState> model) : base(model)
    {
        _model = model;
        _numbers = new Dictionary<Held, int>(new HeldComparer(model.StateComparer));
        NumberOf(model.Initial);
    }

    public override string Describe(int state) => _model.DescribeState(_states[state]);

    protected override (int Next, object? Output) Ask(int state, object input)
    {
        var (next, output) = _model.Apply(_states[state], input);
        return (NumberOf(next), output);
    }

    int NumberOf(TState state)
    {
        if (!_numbers.TryGetValue(new Held(state), out var number))
        {
            _numbers.Add(new Held(state), number = _states.Count);
            _states.Add(state);
        }

        return number;
    }

    // A state may be null, a key of a dictionary may not.
    readonly record struct Held(TState State);

    sealed class HeldComparer(IEqualityComparer<TState> states) : IEqualityComparer<Held>
    {
        public bool Equals(Held x, Held y) => states.Equals(x.State, y.State);

        public int GetHashCode(Held held) => held.State is null ? 0 : states.GetHashCode(held.State);
    }
}
