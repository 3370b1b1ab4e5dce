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

    /// <summary>The check gave up before it knew. That is no pass: nobody knows that the history is right.</summary>
    /// <param name="reason">What is known, and what to do, for people.</param>
    public static Verdict Undecided(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new Verdict(reason) { IsUndecided = true };
    }

    /// <summary>Whether nothing is wrong, for sure.</summary>
    public bool IsPassed => Failure is null;

    /// <summary>Whether the check gave up before it knew; not passed then.</summary>
    public bool IsUndecided { get; private init; }

    /// <summary>What is wrong, or that the check gave up, for people; null if it passed.</summary>
    public string? Failure { get; }

    /// <summary>A picture of what is wrong, as a whole SVG document; null if there is none.</summary>
    public string? Picture { get; private init; }
}
