namespace AkkaRaft.TestKit;

/// <summary>
/// What can be done to a map, in the words of <see cref="KeyValueModel"/>. As commands of a machine they will not do: a payload has no field of type object.
/// </summary>
/// <param name="Key">The one key that it touches.</param>
public abstract record KeyValueInput(string Key)
{
    /// <summary>Answers the key's value, null if it has none.</summary>
    /// <param name="Key">The key.</param>
    public sealed record Get(string Key) : KeyValueInput(Key);

    /// <summary>Sets the key's value; answers null.</summary>
    /// <param name="Key">The key.</param>
    /// <param name="Value">The new value, not null.</param>
    public sealed record Put(string Key, object Value) : KeyValueInput(Key);

    /// <summary>Removes the key; answers whether it had a value, as a <see cref="bool"/>.</summary>
    /// <param name="Key">The key.</param>
    public sealed record Delete(string Key) : KeyValueInput(Key);

    /// <summary>Sets the key's value if it is the expected one; answers whether it was, as a <see cref="bool"/>.</summary>
    /// <param name="Key">The key.</param>
    /// <param name="Expected">What the value must be; null for none.</param>
    /// <param name="Value">The new value; null removes the key.</param>
    public sealed record CompareAndSet(string Key, object? Expected, object? Value) : KeyValueInput(Key);
}

/// <summary>A map, judged key by key. If your machine answers otherwise, override <see cref="SequentialModel.SameOutput"/>.</summary>
/// <param name="meaning">What an input of yours does; null if your inputs are <see cref="KeyValueInput"/>s themselves.</param>
public class KeyValueModel(Func<object, KeyValueInput>? meaning = null) : SequentialModel<object?>
{
    /// <summary>For machines whose inputs are <see cref="KeyValueInput"/>s.</summary>
    public static readonly KeyValueModel Instance = new();

    /// <summary>Of each key: none.</summary>
    public sealed override object? Initial => null;

    /// <inheritdoc />
    public sealed override object? KeyOf(object input) => Meaning.Of(input, meaning, this).Key;

    /// <summary>The value of the input's key; null for none.</summary>
    /// <inheritdoc />
    public sealed override (object? State, object? Output) Apply(object? state, object input) => Meaning.Of(input, meaning, this) switch
    {
        KeyValueInput.Put put => (put.Value, null),
        KeyValueInput.Delete => (null, state is not null),
        KeyValueInput.CompareAndSet cas => Equals(state, cas.Expected) ? (cas.Value, true) : (state, false),
        _ => (state, state),
    };

    /// <inheritdoc />
    public override string DescribeInput(object input) => Meaning.Of(input, meaning, this) switch
    {
        KeyValueInput.Put put => $"put {put.Key} = {DescribeOutput(put.Value)}",
        KeyValueInput.Delete delete => $"delete {delete.Key}",
        KeyValueInput.CompareAndSet cas => $"put {cas.Key} = {DescribeOutput(cas.Value)} if {DescribeOutput(cas.Expected)}",
        var get => $"get {get.Key}",
    };
}
