namespace AkkaRaft.TestKit;

/// <summary>From a user's inputs to those of a model of the kit.</summary>
internal static class Meaning
{
    public static T Of<T>(object input, Func<object, T>? meaning, SequentialModel model) where T : class =>
        meaning is not null ? meaning(input)
        : input as T ?? throw new ArgumentException(
            $"{model.GetType().Name} does not know {input.GetType().Name}. "
            + $"Give it a function that says what each input of yours does as a {typeof(T).Name}: "
            + $"new {model.GetType().Name}(input => ...).");
}
