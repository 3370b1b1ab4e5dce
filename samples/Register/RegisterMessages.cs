namespace AkkaRaft.Samples.Register;

/// <summary>Writes the value.</summary>
/// <param name="Value">A JSON value, not null.</param>
public sealed record Write(string Value);

/// <summary>Writes the value if it is the expected one now.</summary>
/// <param name="Expected">A JSON value; null, or JSON's null, for "nothing was written yet".</param>
/// <param name="New">A JSON value, not null.</param>
public sealed record CompareAndSet(string? Expected, string New);

/// <summary>Asks for the value.</summary>
public sealed record Read;
