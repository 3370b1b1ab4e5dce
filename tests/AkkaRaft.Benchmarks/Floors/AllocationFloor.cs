using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Akka.Actor;
using Akka.Persistence;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Journals;

namespace AkkaRaft.Benchmarks.Floors;

/// <summary>
/// What plain Akka.Remote and plain Akka.Persistence.Sql allocate for the bytes of a replicated write in the leader's process: a message of that many bytes is sent to each of two other
/// processes, one of that many is received (one of the two sends it back; it stands for the client's), and an event of that many is stored by PersistAsync in SQLite with the settings of our
/// journal. Messages and event are bare byte arrays, and the same one each time. The next write begins when the message is back and the event is confirmed. Counted is all that the process
/// allocates on the managed heap meanwhile (GC.GetTotalAllocatedBytes): serializers, envelopes, transport, journal plug-in and database driver; nothing of the other processes.
/// </summary>
/// <param name="One">Bytes for a write of one value of 256 bytes.</param>
/// <param name="OfMany">Bytes for each value, when <see cref="ManyValues"/> of them are one message and one event.</param>
internal sealed record AllocationFloor(double One, double OfMany)
{
    public const string Leader = "stock-leader";

    /// <summary>Values in a message of <see cref="OfMany"/>.</summary>
    public const int ManyValues = 100;

    /// <param name="folder">A folder on the disk that is measured.</param>
    /// <param name="time">For how long, each; whole seconds.</param>
    public static async Task<AllocationFloor> Measure(string folder, FloorTime time) => new(await ForEach(1, folder, time), await ForEach(ManyValues, folder, time));

    /// <summary>Bytes for each value, when so many of them are one message and one event.</summary>
    /// <param name="values">So many.</param>
    /// <param name="folder">A folder on the disk that is measured.</param>
    /// <param name="time">For how long; whole seconds.</param>
    public static async Task<double> ForEach(int values, string folder, FloorTime time)
    {
        var data = Path.Combine(folder, Guid.NewGuid().ToString("n"));
        var (first, second) = (RemotePeer.FreeAddress(), RemotePeer.FreeAddress());
        await using var one = await FloorProcesses.Start(folder, RemoteFloor.Peer, first);
        await using var other = await FloorProcesses.Start(folder, RemoteFloor.Peer, second);
        try
        {
            var allocated = await FloorProcesses.Answer<Allocated>(folder, Leader, time.WarmUp + time.Measured,
                [data, first, second, .. new[] { values * LoadRequest.ValueBytes, (int)time.WarmUp.TotalSeconds, (int)time.Measured.TotalSeconds }.Select(number => number.ToString(CultureInfo.InvariantCulture))]);
            return (double)allocated.Bytes / allocated.Writes / values;
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }
}

/// <param name="Writes">So many writes.</param>
/// <param name="Bytes">Allocated so much, together.</param>
internal sealed record Allocated(long Writes, long Bytes);

/// <summary>The process whose allocations are counted.</summary>
internal static class StockLeader
{
    public static async Task<int> Run(string folder, string first, string second, int bytes, TimeSpan warmUp, TimeSpan measured)
    {
        using var system = ActorSystem.Create(RaftHocon.SystemName, RaftHocon.Client);
        using var storage = NodeStorage.Open(folder, RaftHocon.Cluster, GroupId.Parse("stock"), NodeId.Parse("1"));
        storage.AddTo(system);
        var (echo, silent) = (await RemotePeer.Find(system, first, RemotePeer.Echo), await RemotePeer.Find(system, second, RemotePeer.Silent));
        var done = new TaskCompletionSource<Allocated>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new LeaderActor(storage.JournalPluginId, echo, silent, bytes, warmUp, measured, done)));
        var allocated = await done.Task;
        await system.Terminate();
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(allocated));
        return 0;
    }

    sealed class LeaderActor : UntypedPersistentActor
    {
        readonly IActorRef _echo;
        readonly IActorRef _silent;
        readonly byte[] _payload;
        readonly TimeSpan _warmUp;
        readonly TimeSpan _measured;
        readonly TaskCompletionSource<Allocated> _done;
        readonly long _begun = Stopwatch.GetTimestamp();

        int _missing;
        long _writes;
        (long Writes, long Bytes)? _before;

        public LeaderActor(string journal, IActorRef echo, IActorRef silent, int bytes, TimeSpan warmUp, TimeSpan measured, TaskCompletionSource<Allocated> done)
        {
            JournalPluginId = journal;
            SnapshotPluginId = "akka.persistence.no-snapshot-store";
            (_echo, _silent, _warmUp, _measured, _done) = (echo, silent, warmUp, measured, done);
            _payload = new byte[bytes];
            Random.Shared.NextBytes(_payload);
        }

        public override string PersistenceId => "stock";

        public override Recovery Recovery => new(SnapshotSelectionCriteria.None);

        protected override void OnRecover(object message)
        {
            if (message is RecoveryCompleted) Begin();
        }

        // The message is back.
        protected override void OnCommand(object message) => Part();

        protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => _done.TrySetException(cause);

        protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) => _done.TrySetException(cause);

        protected override void OnRecoveryFailure(Exception reason, object? message = null) => _done.TrySetException(reason);

        void Begin()
        {
            _missing = 2;
            _echo.Tell(_payload);
            _silent.Tell(_payload);
            PersistAsync(_payload, _ => Part());
        }

        void Part()
        {
            if (--_missing > 0) return;
            _writes++;
            var time = Stopwatch.GetElapsedTime(_begun);
            if (_before is null && time >= _warmUp) _before = (_writes, GC.GetTotalAllocatedBytes(precise: true));
            if (_before is { } before && time >= _warmUp + _measured) _done.TrySetResult(new Allocated(_writes - before.Writes, GC.GetTotalAllocatedBytes(precise: true) - before.Bytes));
            else Begin();
        }
    }
}
