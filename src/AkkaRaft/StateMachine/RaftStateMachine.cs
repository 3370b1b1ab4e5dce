using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using AkkaRaft.Serialization;
using AkkaRaft.StateMachine;
using Akka.Event;

namespace AkkaRaft;

/// <summary>
/// The base of a replicated state machine: an actor whose state is made by the committed commands of the log, in log order, and so is the same on
/// every node (Raft 2). Register handlers in the constructor with <c>Command</c> and <c>Query</c>.
/// </summary>
/// <remarks>
/// <para>A command handler may use the command, the state and <see cref="Entry"/>, and nothing else: no clock, no chance, no files, no other actors'
/// answers. What two nodes see differently makes two different machines of them. It must not keep or change the command object after it returns.</para>
/// <para>A handler that throws stops the node, on every node alike: to refuse a command is a result, not an exception.</para>
/// <para>It is an ordinary actor otherwise, with <c>Context</c>, <c>Self</c> and children; it must not call <c>Become</c>. Its node supervises it
/// with Stop: a restart in place would lose the state, so that one made by other hands fails loudly instead of going on.</para>
/// </remarks>
public abstract class RaftStateMachine : UntypedActor
{
    readonly MachineHandlers _commands = new("command");
    readonly MachineHandlers _queries = new("query");
    readonly SnapshotHandlers _snapshots = new();
    readonly CancellationTokenSource _stopped = new();
    IPayloadCodec? _codec;
    INodeObserver? _observer;
    LogIndex _applied = LogIndex.Zero;
    EntryContext? _entry;

    /// <summary>The clients' sessions: with the user's state, what the entries applied so far have made. A snapshot has both.</summary>
    internal SessionTable Sessions { get; private set; } = new();

    /// <summary>The entry that is being applied.</summary>
    /// <exception cref="InvalidOperationException">No command handler is running: queries and other messages belong to no entry.</exception>
    protected EntryContext Entry => _entry ?? throw new InvalidOperationException(
        "Entry was read outside a command handler, where there is none. Keep what a query needs of it in the state, in a command handler.");

    /// <summary>The types that it has query handlers for.</summary>
    internal IReadOnlyList<Type> QueryTypes => _queries.Types;

    /// <summary>The types that it has command handlers for.</summary>
    internal IReadOnlyList<Type> CommandTypes => _commands.Types;

    /// <summary>Registers the handler of a command that has a result. It runs on every node, in log order; the result goes to the proposer.</summary>
    /// <typeparam name="TCommand">The exact, concrete type of the command.</typeparam>
    /// <param name="handler">
    /// Changes the state and returns the result; null stands for no result. An assignment has a value, too: <c>put => _values[put.Key] = put.Value</c> sends the value back and keeps it in
    /// the client's session; <c>put => { _values[put.Key] = put.Value; }</c> has no result.
    /// </param>
    /// <exception cref="ArgumentException">The type is registered already or not concrete, or the handler is asynchronous.</exception>
    /// <exception cref="InvalidOperationException">The state machine has started.</exception>
    [OverloadResolutionPriority(1)]
    protected void Command<TCommand>(Func<TCommand, object?> handler) where TCommand : notnull =>
        _commands.Add(typeof(TCommand), null, handler, command => handler((TCommand)command));

    /// <summary>Registers the handler of a command that has no result. It runs on every node, in log order.</summary>
    /// <typeparam name="TCommand">The exact, concrete type of the command.</typeparam>
    /// <param name="handler">Changes the state.</param>
    /// <exception cref="ArgumentException">The type is registered already or not concrete, or the handler is asynchronous.</exception>
    /// <exception cref="InvalidOperationException">The state machine has started.</exception>
    protected void Command<TCommand>(Action<TCommand> handler) where TCommand : notnull =>
        _commands.Add(typeof(TCommand), null, handler, command =>
        {
            handler((TCommand)command);
            return null;
        });

    /// <summary>
    /// Registers the handler of a command, and its result type with the payload serializer. Prefer it to the untyped form when the result is a type of yours.
    /// </summary>
    /// <typeparam name="TCommand">The exact, concrete type of the command.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    /// <param name="handler">Changes the state and returns the result; null stands for no result.</param>
    /// <exception cref="ArgumentException">The type is registered already or not concrete, or the handler is asynchronous.</exception>
    /// <exception cref="InvalidOperationException">The state machine has started.</exception>
    protected void Command<TCommand, TResult>(Func<TCommand, TResult> handler) where TCommand : notnull =>
        _commands.Add(typeof(TCommand), typeof(TResult), handler, command => handler((TCommand)command));

    /// <summary>Registers the handler of a query. It runs on one node, once the consistency that was asked for is met; it must not change the state.</summary>
    /// <typeparam name="TQuery">The exact, concrete type of the query.</typeparam>
    /// <param name="handler">Answers from the state; null is an answer. If it throws, the query fails and the state machine goes on.</param>
    /// <exception cref="ArgumentException">The type is registered already or not concrete, or the handler is asynchronous.</exception>
    /// <exception cref="InvalidOperationException">The state machine has started.</exception>
    protected void Query<TQuery>(Func<TQuery, object?> handler) where TQuery : notnull =>
        _queries.Add(typeof(TQuery), null, handler, query => handler((TQuery)query));

    /// <summary>
    /// Registers the handler of a query, and its answer's type with the payload serializer. Prefer it to the untyped form when the answer is a type of yours.
    /// </summary>
    /// <typeparam name="TQuery">The exact, concrete type of the query.</typeparam>
    /// <typeparam name="TResult">The type of the answer.</typeparam>
    /// <param name="handler">Answers from the state; null is an answer. If it throws, the query fails and the state machine goes on.</param>
    /// <exception cref="ArgumentException">The type is registered already or not concrete, or the handler is asynchronous.</exception>
    /// <exception cref="InvalidOperationException">The state machine has started.</exception>
    protected void Query<TQuery, TResult>(Func<TQuery, TResult> handler) where TQuery : notnull =>
        _queries.Add(typeof(TQuery), typeof(TResult), handler, query => handler((TQuery)query));

    /// <summary>
    /// Registers how snapshots are taken and restored, in the simple form: the whole state as one object (Raft 7). Without snapshots the log grows for ever, and a node
    /// that starts applies all of it again.
    /// </summary>
    /// <typeparam name="T">
    /// A type that the payload serializer can write; it is registered with it. The serialized state is in memory for a while, and at most 2 GiB: for a state above some
    /// tens of megabytes use the streaming form.
    /// </typeparam>
    /// <param name="take">
    /// Called in the state machine's own turn between two commands; it should return quickly. What it returns is serialized later, beside further commands, and must not
    /// change any more: an immutable value, or a copy. If it throws, no snapshot is taken, and the node goes on.
    /// </param>
    /// <param name="restore">
    /// Makes the state that <paramref name="take"/> saw, in place of whatever the state is; perhaps of a state machine that has applied commands before. If it throws, the
    /// node stops.
    /// </param>
    /// <exception cref="ArgumentException">Snapshots are registered already.</exception>
    /// <exception cref="InvalidOperationException">The state machine has started.</exception>
    protected void Snapshot<T>(Func<T> take, Action<T> restore) where T : notnull
    {
        ArgumentNullException.ThrowIfNull(take);
        ArgumentNullException.ThrowIfNull(restore);
        _snapshots.OfValue(take, restore);
    }

    /// <summary>
    /// Registers how snapshots are taken and restored, in the streaming form, for states of any size (Raft 7): the memory that it takes is that of one piece and one row of
    /// the snapshot store.
    /// </summary>
    /// <param name="take">
    /// Called in the state machine's own turn between two commands; it should return quickly. What it returns is read later, piece by piece, on other threads and beside
    /// further commands: it must give the state of that moment, such as the contents of an immutable collection. A piece may have any length, and must not be changed
    /// before the next one is asked for. If it throws, no snapshot is taken, and the node goes on.
    /// </param>
    /// <param name="restore">
    /// Reads the same bytes, in pieces of other lengths, each checked by its checksum, and makes the state of them, in place of whatever the state is. A piece is valid
    /// until the next one is asked for. It may wait for nothing but the pieces. If it throws, the node stops. Nothing else is called meanwhile: a big state lets go of what it
    /// is before it reads what it becomes, or both are in memory at once.
    /// </param>
    /// <exception cref="ArgumentException">Snapshots are registered already.</exception>
    /// <exception cref="InvalidOperationException">The state machine has started.</exception>
    protected void Snapshot(Func<IAsyncEnumerable<ReadOnlyMemory<byte>>> take, Func<IAsyncEnumerable<ReadOnlyMemory<byte>>, Task> restore)
    {
        ArgumentNullException.ThrowIfNull(take);
        ArgumentNullException.ThrowIfNull(restore);
        _snapshots.OfStream(take, restore);
    }

    /// <summary>
    /// Takes messages that others send to this actor; they come on this node only and in no order that the log knows. It must not change what
    /// commands read or write, or the nodes drift apart: to change the state, propose a command. The default leaves them unhandled.
    /// </summary>
    /// <param name="message">The message.</param>
    protected virtual void OnMessage(object message) => Unhandled(message);

    /// <summary>The node's own messages, and <see cref="OnMessage"/> for all others.</summary>
    /// <param name="message">The message.</param>
    protected sealed override void OnReceive(object message)
    {
        switch (message)
        {
            case ApplyEntries apply:
                Apply(apply);
                break;
            case RunQueries { Queries: var queries }:
                Sender.Tell(new QueriesAnswered([.. queries.Select(Answer)]));
                break;
            case StartMachine start:
                Start(start);
                break;
            case CaptureSnapshot capture:
                Sender.Tell(Capture(capture.At));
                break;
            case RestoreSnapshot restore:
                var node = Sender;
                RunTask(() => Restore(restore, node));
                break;
            default:
                OnMessage(message);
                break;
        }
    }

    /// <summary>Ends what it waits for; not to be called by others.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public sealed override void AroundPostStop()
    {
        // A store that stops in the middle of a restore answers no more, and would keep this state machine in memory.
        _stopped.Cancel();
        base.AroundPostStop();
    }

    /// <summary>Fails: the new instance has lost the state that the entries made.</summary>
    /// <param name="reason">What the old instance threw.</param>
    protected sealed override void PostRestart(Exception reason) =>
        Invariant.Broken(
            $"the state machine {Self.Path} was restarted in place after \"{reason.Message}\", which loses its state; its supervisor must stop it");

    void Start(StartMachine start)
    {
        _codec = start.Codec;
        _observer = start.Observer;
        _commands.Close();
        _queries.Close();
        _snapshots.Close();
        Type[] results = [.. _commands.ResultTypes.Union(_queries.ResultTypes)];
        Sender.Tell(new MachineStarted(_commands.Types, _queries.Types, results) { TakesSnapshots = _snapshots.Any, SnapshotType = _snapshots.ValueType });
    }

    // All or nothing: if an entry fails, nothing is reported and the node stops, so that what was applied before it is forgotten with this actor.
    void Apply(ApplyEntries apply)
    {
        var results = new List<EntryResult>(apply.Entries.Any(committed => committed.WantsResult) ? apply.Entries.Count : 0);
        foreach (var (entry, wantsResult) in apply.Entries)
        {
            if (entry.Index != _applied.Next)
                Invariant.Broken($"the state machine has applied up to {_applied} and is given entry {entry.Id}; indexes must be consecutive");

            Sessions.Advance(entry.Time);
            object? result = null;
            if (entry is CommandEntry { Stamp: null } command)
            {
                result = Run(command);
                // At once, because the next command may change the object that this one returned.
                if (wantsResult) results.Add(Encode(command, result));
            }
            else if (ApplyToSession(entry, ref result) is { } ended && wantsResult)
            {
                results.Add(ended);
            }

            _applied = entry.Index;
            _observer?.Applied(entry, result);
        }

        Sender.Tell(new EntriesApplied(_applied, results));
    }

    // All of one moment: behind the last entry that was applied, and before the next one (B58).
    [SuppressMessage("Design", "CA1031", Justification = "The log has all that a snapshot has: whatever it throws costs a snapshot.")]
    object Capture(SnapshotMark at)
    {
        Invariant.Holds(at.Last.Index == _applied);
        try
        {
            return new WriteSnapshot(at, SnapshotContent.Of(_snapshots.Take(), Sessions.Copy(), Codec));
        }
        catch (Exception cause) when (cause is not RaftInvariantException)
        {
            return new SnapshotNotCaptured(at, cause);
        }
    }

    async Task Restore(RestoreSnapshot restore, IActorRef node)
    {
        var last = restore.Snapshot.Last;
        var self = Self;
        var reader = new SnapshotReader(restore.Snapshot, async number =>
            (await restore.Store.Ask<RowRead>(new ReadRow(last, number), Timeout.InfiniteTimeSpan, _stopped.Token)).Bytes);
        try
        {
            await reader.ReadHeader();
            var sessions = await reader.ReadSessions();
            await _snapshots.Restore(reader, Codec);
            Sessions = sessions;
        }
        catch (Exception cause) when (cause is not RaftInvariantException)
        {
            throw new RaftNodeException($"The snapshot at {last} in {restore.Place} cannot be restored by the state machine {GetType()}: {cause.Message} {SnapshotErrors.WaysOut}", cause);
        }

        _applied = last.Index;
        _observer?.Restored(last);
        restore.Store.Tell(new EndReading(last), self);
        node.Tell(new SnapshotRestored(last), self);
    }

    // Exactly once (thesis 6.3): whether the handler runs is decided by the table, which is the same on every node. Null for an entry of no session.
    EntryResult? ApplyToSession(LogEntry entry, ref object? result)
    {
        switch (entry)
        {
            case CommandEntry { Stamp: { } stamp } command:
                var verdict = Sessions.Judge(stamp, out var known);
                if (verdict == SessionVerdict.Apply)
                {
                    result = Run(command);
                    known = Kept(command, result);
                    Sessions.Record(stamp, known);
                }

                return SessionAnswers.Of(entry.Id, verdict, known);
            case OpenSessionEntry open:
                return SessionAnswers.OfOpening(open, Sessions.Open(open.Index, open.Limits));
            case KeepSessionEntry keep:
                return SessionAnswers.OfKeeping(keep, Sessions.Keep(keep.Session, keep.LowestUnanswered, keep.Closes));
            default:
                return null;
        }
    }

    // On every node, whether anybody here waits for it or not: another copy may be answered by another leader. Nothing of it may differ between nodes.
    SessionResult Kept(CommandEntry entry, object? result)
    {
        if (result is null) return new SessionResult(entry.Index, null, null);

        try
        {
            return new SessionResult(entry.Index, Codec.Encode(result), null);
        }
        catch (Exception cause)
        {
            Context.GetLogger().Warning(cause, "the result of entry {0} cannot be serialized: {1}", entry.Id, cause.Message);
            return new SessionResult(entry.Index, null, SessionAnswers.NotSerializable(entry.Id, result.GetType()));
        }
    }

    object? Run(CommandEntry entry)
    {
        var command = Read(entry);
        var handler = _commands.Find(command) ?? throw Failed(entry, command.GetType().ToString(), "it has no handler", null);
        // The table's clock, not the entry's: where a leader has compacted its log it may not know the last time in it, and stamp an earlier one.
        _entry = new EntryContext(entry.Index, entry.Term, Sessions.Clock);
        _observer?.HandlerRuns(entry);
        try
        {
            return handler(command);
        }
        catch (Exception cause)
        {
            throw Failed(entry, command.GetType().ToString(), $"its handler threw {cause.GetType().Name}: {cause.Message}", cause);
        }
        finally
        {
            _entry = null;
        }
    }

    object Read(CommandEntry entry)
    {
        try
        {
            return Take(entry.Command);
        }
        catch (Exception cause) when (cause is not RaftInvariantException)
        {
            throw Failed(entry, entry.Command.Manifest, $"it cannot be read: {cause.Message}", cause);
        }
    }

    // The log keeps the payload long after this; the object must not stay in memory with it.
    object Take(Payload payload)
    {
        var value = payload.Decoded ?? Codec.Decode(payload);
        payload.Decoded = null;
        return value;
    }

    EntryResult Encode(CommandEntry entry, object? result)
    {
        if (result is null) return new EntryResult(entry.Id, null, null);

        try
        {
            return new EntryResult(entry.Id, Codec.Encode(result), null);
        }
        catch (Exception cause)
        {
            return new EntryResult(entry.Id, null,
                $"The command of entry {entry.Id} was applied, but its result, a {result.GetType()}, cannot be serialized: {cause.Message} "
                + "Do not send the command again. Register the result type with PayloadTypes, or return a type that can be serialized.");
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "A query changes nothing, so whatever it throws is the asker's alone.")]
    QueryAnswered Answer(RunQuery request)
    {
        object? answer;
        try
        {
            var query = Take(request.Query);
            var handler = _queries.Find(query);
            if (handler is null)
                return Failed(request,
                    $"The query {query.GetType()} has no handler in {GetType()}. Nothing was changed. Register one with Query<{query.GetType().Name}>.");

            answer = handler(query);
        }
        catch (Exception cause) when (cause is not RaftInvariantException)
        {
            return Failed(request, $"The query {request.Query.Manifest} failed: {cause.GetType().Name}: {cause.Message} Nothing was changed.");
        }

        if (answer is null) return new QueryAnswered(request.ReadId, _applied, null, null);

        try
        {
            return new QueryAnswered(request.ReadId, _applied, Codec.Encode(answer), null);
        }
        catch (Exception cause)
        {
            return Failed(request,
                $"The query {request.Query.Manifest} was answered with a {answer.GetType()} that cannot be serialized: {cause.Message} "
                + "Nothing was changed. Register the type with PayloadTypes, or answer with a type that can be serialized.");
        }
    }

    IPayloadCodec Codec
    {
        get
        {
            if (_codec is null) Invariant.Broken("the state machine is given work before StartMachine");
            return _codec;
        }
    }

    QueryAnswered Failed(RunQuery request, string error) => new(request.ReadId, _applied, null, error);

    StateMachineFailedException Failed(CommandEntry entry, string commandType, string what, Exception? cause) => new(entry.Id, commandType,
        $"The state machine {GetType()} could not apply entry {entry.Index} of term {entry.Term}, command {commandType}: {what}. Nothing after it was "
        + "applied, and the node stops, because an entry is never skipped. Repair the state machine so that it can apply this entry, then start the node "
        + "again.",
        cause);
}
