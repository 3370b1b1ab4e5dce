using System.Runtime.CompilerServices;

namespace AkkaRaft.StateMachine;

/// <summary>The handlers of one kind, commands or queries, by the exact type that they take. Closed when the machine starts.</summary>
internal sealed class MachineHandlers(string kind)
{
    readonly Dictionary<Type, Func<object, object?>> _handlers = [];
    readonly List<Type> _types = [];
    readonly List<Type> _resultTypes = [];
    bool _closed;

    /// <summary>In the order of registration.</summary>
    public IReadOnlyList<Type> Types => _types;

    /// <summary>Those that are known by their registration.</summary>
    public IReadOnlyList<Type> ResultTypes => _resultTypes;

    public void Add(Type type, Type? resultType, Delegate handler, Func<object, object?> call)
    {
        if (_closed)
            throw new InvalidOperationException(
                $"The handler of {kind} {type} was registered after the state machine started, so that nodes could differ. Register it in the constructor.");
        if (type.IsAbstract || type.IsInterface || type == typeof(object))
            throw new ArgumentException(
                $"{type} cannot be registered as a {kind}: handlers are found by the exact type of the object, and no object is exactly this. "
                + "Register each concrete type.");
        if (IsAsync(handler, resultType))
            throw new ArgumentException(
                $"The handler of {kind} {type} is asynchronous. A handler must end within its own turn, or the order of the log is lost. Make it synchronous.");
        if (!_handlers.TryAdd(type, call))
            throw new ArgumentException($"The {kind} {type} is registered twice. Each type has one handler; keep one of the two.");

        _types.Add(type);
        if (resultType is not null && !_resultTypes.Contains(resultType)) _resultTypes.Add(resultType);
    }

    public void Close() => _closed = true;

    public Func<object, object?>? Find(object message) => _handlers.GetValueOrDefault(message.GetType());

    static bool IsAsync(Delegate handler, Type? resultType) =>
        handler.Method.IsDefined(typeof(AsyncStateMachineAttribute), inherit: false)
        || typeof(Task).IsAssignableFrom(resultType)
        || resultType == typeof(ValueTask)
        || (resultType is { IsGenericType: true } && resultType.GetGenericTypeDefinition() == typeof(ValueTask<>));
}
