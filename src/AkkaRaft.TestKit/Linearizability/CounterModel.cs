namespace AkkaRaft.TestKit;

/// <summary>
/// What can be done to a counter, in the words of <see cref="CounterModel"/>. They are commands and queries too, for a machine that is a plain counter.
/// </summary>
public abstract record CounterInput
{
    private CounterInput()
    {
    }

    /// <summary>Answers the total, as a <see cref="long"/>.</summary>
    public sealed record Get : CounterInput;

    /// <summary>Adds; answers the new total, as a <see cref="long"/>.</summary>
    /// <param name="Amount">May be negative.</param>
    public sealed record Add(long Amount) : CounterInput;
}

/// <summary>A total that begins at 0. If your machine answers otherwise, override <see cref="SequentialModel.SameOutput"/>.</summary>
/// <param name="meaning">What an input of yours does; null if your inputs are <see cref="CounterInput"/>s themselves.</param>
public class CounterModel(Func<object, CounterInput>? meaning = null) : SequentialModel<long>
{
    /// <summary>For machines whose inputs are <see cref="CounterInput"/>s.</summary>
    public static readonly CounterModel Instance = new();

    /// <inheritdoc />
    public sealed override long Initial => 0;

    /// <inheritdoc />
    public sealed override (long State, object? Output) Apply(long state, object input) =>
        Meaning.Of(input, meaning, this) is CounterInput.Add add ? (state + add.Amount, state + add.Amount) : (state, state);

    /// <inheritdoc />
    public override string DescribeInput(object input) =>
        Meaning.Of(input, meaning, this) is CounterInput.Add add ? $"add {Checking.Plain.Text(add.Amount)}" : "get";
}
