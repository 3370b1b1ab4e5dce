using System.Numerics;

namespace AkkaRaft.TestKit.Checking;

/// <summary>Which required calls have their place: the scratch paper of the search, on which a step is tried and taken back.</summary>
internal sealed class Frontier
{
    readonly Call[] _required;
    readonly bool[] _placed;
    readonly ulong[] _codes;
    readonly List<int> _marked = [];

    int _first;
    int _last;

    public Frontier(Call[] required)
    {
        _required = required;
        _placed = new bool[required.Length];
        _codes = new ulong[required.Length];
        for (var i = 0; i < _codes.Length; i++) _codes[i] = StableHash.Mix(0, (ulong)i + 1);
    }

    /// <summary>Of the set of calls that have their place.</summary>
    public ulong Hash { get; private set; }

    /// <summary>How many have.</summary>
    public int Done { get; private set; }

    /// <summary>Calls that began later than this cannot be next: a call that has no place yet had ended by then.</summary>
    public TimeSpan Deadline
    {
        get
        {
            var earliest = TimeSpan.MaxValue;
            for (var i = _first; i < _required.Length && _required[i].Invoked <= earliest; i++)
            {
                if (!_placed[i] && _required[i].Returned < earliest) earliest = _required[i].Returned;
            }

            return earliest;
        }
    }

    public void Load(Configuration configuration)
    {
        (_first, _last, Hash, Done) = (configuration.First, configuration.First - 1, configuration.Hash, configuration.Done);
        for (var word = 0; word < configuration.Window.Length; word++)
        {
            for (var bits = configuration.Window[word]; bits != 0; bits &= bits - 1)
            {
                _last = _first + 64 * word + BitOperations.TrailingZeroCount(bits);
                _placed[_last] = true;
            }
        }
    }

    public void Unload()
    {
        for (var i = _first; i <= _last; i++) _placed[i] = false;
    }

    /// <summary>The calls that may be next.</summary>
    public void FindCandidates(List<int> candidates)
    {
        candidates.Clear();
        var deadline = Deadline;
        for (var i = _first; i < _required.Length && _required[i].Invoked <= deadline; i++)
        {
            if (!_placed[i]) candidates.Add(i);
        }
    }

    /// <summary>Gives a call its place; <see cref="TakeBack"/> undoes all of them.</summary>
    public void Place(int call)
    {
        _placed[call] = true;
        _marked.Add(call);
        Hash ^= _codes[call];
        Done++;
    }

    public void TakeBack()
    {
        foreach (var call in _marked)
        {
            _placed[call] = false;
            Hash ^= _codes[call];
        }

        Done -= _marked.Count;
        _marked.Clear();
    }

    /// <summary>The set as a configuration keeps it.</summary>
    public (int First, ulong[] Window) Pack()
    {
        var (first, last) = (_first, _last);
        foreach (var call in _marked) last = Math.Max(last, call);
        while (first < _required.Length && _placed[first]) first++;
        if (last <= first) return (first, []);
        var window = new ulong[(last - first) / 64 + 1];
        for (var i = first; i <= last; i++)
        {
            if (_placed[i]) window[(i - first) / 64] |= 1UL << (i - first);
        }

        return (first, window);
    }
}
