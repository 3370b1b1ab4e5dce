using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Register;

/// <summary>
/// One replicated value, and about the least that a state machine can be: two commands that run on every node in log order, and a query that runs on one.
/// It refuses by an answer and never throws: an exception in a command would stop every node at that entry.
/// </summary>
public sealed class RegisterMachine : RaftStateMachine
{
    string _value = JsonValue.Null;

    /// <summary>Makes a register that nothing was written to.</summary>
    public RegisterMachine()
    {
        Command<Write, Answer>(OnWrite);
        Command<CompareAndSet, Answer>(OnCompareAndSet);
        Query<Read, Answer>(_ => _value == JsonValue.Null ? new Answer(false) : new Answer(true, _value));
        Snapshot(take: () => _value, restore: value => _value = value);
    }

    /// <summary>Why an operation would be refused whatever the value is; null if it would not.</summary>
    public static string? RefusalOf(object operation) => operation switch
    {
        Write write => StoredValue.ReadNew(write.Value, out _)?.Refusal,
        CompareAndSet cas => (StoredValue.Read(cas.Expected ?? JsonValue.Null, out _) ?? StoredValue.ReadNew(cas.New, out _))?.Refusal,
        _ => null,
    };

    Answer OnWrite(Write command)
    {
        if (StoredValue.ReadNew(command.Value, out var value) is { } refusal) return refusal;
        _value = value;
        return new Answer(true);
    }

    Answer OnCompareAndSet(CompareAndSet command)
    {
        if (StoredValue.Read(command.Expected ?? JsonValue.Null, out var expected) is { } unreadable) return unreadable;
        if (StoredValue.ReadNew(command.New, out var next) is { } refusal) return refusal;

        var matches = JsonValue.Same(_value, expected);
        if (matches) _value = next;
        return new Answer(matches, JsonValue.Of(matches));
    }
}
