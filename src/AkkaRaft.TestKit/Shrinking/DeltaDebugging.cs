namespace AkkaRaft.TestKit.Shrinking;

/// <summary>Delta debugging (Zeller, Hildebrandt: Simplifying and isolating failure-inducing input, 2002), of which only the reduction to complements is needed.</summary>
internal static class DeltaDebugging
{
    /// <summary>Leaves out as many as it can: all at first, then halves, quarters, and so on to single ones.</summary>
    /// <param name="items">What is known to fail.</param>
    /// <param name="fails">Whether these fail too.</param>
    public static void Reduce<T>(IReadOnlyList<T> items, Func<IReadOnlyList<T>, bool> fails)
    {
        var kept = items.ToList();
        for (var size = kept.Count; size > 0; size /= 2)
        {
            // From the end: what came before stays as it was then, step by step.
            for (var end = kept.Count; end > 0;)
            {
                var start = Math.Max(0, end - size);
                List<T> fewer = [.. kept[..start], .. kept[end..]];
                if (fails(fewer)) kept = fewer;
                end = start;
            }
        }
    }
}
