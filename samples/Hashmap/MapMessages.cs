namespace AkkaRaft.Samples.Hashmap;

/// <summary>Stores a value under a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">A JSON value, not null.</param>
public sealed record Put(string Key, string Value);

/// <summary>Stores a value under a key if it has the expected one now.</summary>
/// <param name="Key">The key.</param>
/// <param name="Expected">A JSON value; null, or JSON's null, for "the key is absent".</param>
/// <param name="New">A JSON value, not null.</param>
public sealed record Cas(string Key, string? Expected, string New);

/// <summary>Removes a key.</summary>
/// <param name="Key">The key.</param>
public sealed record Delete(string Key);

/// <summary>Adds to the number under a key; a key that is absent counts as 0.</summary>
/// <param name="Key">The key.</param>
/// <param name="Amount">A JSON number, also negative or with a fraction.</param>
public sealed record Add(string Key, string Amount);

/// <summary>Asks for the value under a key.</summary>
/// <param name="Key">The key.</param>
public sealed record Get(string Key);

/// <summary>Asks for the keys in order, as many as one answer can carry.</summary>
/// <param name="After">The last key of the page before; null for the first page.</param>
public sealed record ListKeys(string? After);

/// <summary>Some of the keys, in order.</summary>
/// <param name="Keys">A JSON array of strings.</param>
/// <param name="Last">The last of them; null if no key comes after them.</param>
public sealed record KeyPage(string Keys, string? Last);
