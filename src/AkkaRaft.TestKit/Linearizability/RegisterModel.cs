namespace AkkaRaft.TestKit;

/// <summary>
/// What can be done to a register, in the words of <see cref="RegisterModel"/>. As commands of a machine they will not do: a payload has no field of type object.
/// </summary>
public abstract record RegisterInput
{
    private RegisterInput()
    {
    }

    /// <summary>Answers the value.</summary>
    public sealed record Get : RegisterInput;

    /// <summary>Sets the value; answers null.</summary>
    /// <param name="Value">The new value.</param>
    public sealed record Set(object? Value) : RegisterInput;

    /// <summary>Sets the value if it is the expected one; answers whether it was, as a <see cref="bool"/>.</summary>
    /// <param name="Expected">What the value must be.</param>
    /// <param name="Value">The new value.</param>
    public sealed record CompareAndSet(object? Expected, object? Value) : RegisterInput;
}

/// <summary>One value. If your machine answers otherwise, override <see cref="SequentialModel.SameOutput"/>.</summary>
/// <param name="meaning">
/// What an input of yours does, for example <c>input => input is Write write ? new RegisterInput.Set(write.Value) : new RegisterInput.Get()</c>;
/// null if your inputs are <see cref="RegisterInput"/>s themselves.
/// </param>
/// <param name="initial">The value at first.</param>
public class RegisterModel(Func<object, RegisterInput>? meaning = null, object? initial = null) : SequentialModel<object?>
{
    /// <summary>For machines whose inputs are <see cref="RegisterInput"/>s.</summary>
    public static readonly RegisterModel Instance = new();

    /// <inheritdoc />
    public sealed override object? Initial => initial;

    /// <inheritdoc />
    public sealed override (object? State, object? Output) Apply(object? state, object input) => Meaning.Of(input, meaning, this) switch
    {
        RegisterInput.Set set => (set.Value, null),
        RegisterInput.CompareAndSet cas => Equals(state, cas.Expected) ? (cas.Value, true) : (state, false),
        _ => (state, state),
    };

    /// <inheritdoc />
    public override string DescribeInput(object input) => Meaning.Of(input, meaning, this) switch
    {
        RegisterInput.Set set => $"set {DescribeOutput(set.Value)}",
        RegisterInput.CompareAndSet cas => $"set {DescribeOutput(cas.Value)} if {DescribeOutput(cas.Expected)}",
        _ => "get",
    };
}
