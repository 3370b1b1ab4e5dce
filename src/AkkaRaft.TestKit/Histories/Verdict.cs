namespace AkkaRaft.TestKit;

/// <summary>What a check of a history found.</summary>
public sealed class Verdict
{
    Verdict(string? failure) => Failure = failure;

    /// <summary>The history is as it should be.</summary>
    public static readonly Verdict Passed = new(failure: null);

    /// <summary>The history shows a fault.</summary>
    /// <param name="failure">What is wrong, for people.</param>
    /// <param name="picture">A picture of it as SVG; null if there is none.</param>
    public static Verdict Failed(string failure, string? picture = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(failure);
        return new Verdict(failure) { Picture = picture };
    }

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsPassed => Failure is null;

    /// <summary>What is wrong, for people; null if nothing is.</summary>
    public string? Failure { get; }

    /// <summary>A picture of what is wrong, as a whole SVG document; null if there is none.</summary>
    public string? Picture { get; private init; }
}
