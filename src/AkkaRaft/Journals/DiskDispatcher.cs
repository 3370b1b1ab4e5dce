using System.Globalization;
using Akka.Configuration;
using Akka.Dispatch;

namespace AkkaRaft.Journals;

/// <summary>
/// A dispatcher with threads of its own, for what waits for a disk. Unlike Akka's ForkJoinDispatcher its idle threads sleep: those give up their time slice a hundred times before they do,
/// after each write, which was an eighth of what a follower did (docs/performance.md).
/// </summary>
/// <remarks>In HOCON: <c>type</c>, as any dispatcher's, and <c>threads</c>.</remarks>
internal sealed class DiskDispatcher : MessageDispatcherConfigurator
{
    readonly Dispatcher _dispatcher;

    /// <param name="config">The dispatcher's section.</param>
    /// <param name="prerequisites">Akka's.</param>
    public DiskDispatcher(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
        var threads = config.GetInt("threads");
        _dispatcher = new Dispatcher(
            this, config.GetString("id"), config.GetInt("throughput"), null, new DiskThreadsFactory(threads), config.GetTimeSpan("shutdown-timeout", TimeSpan.FromSeconds(1)));
    }

    public override MessageDispatcher Dispatcher() => _dispatcher;

    // Akka makes the threads anew when a journal is opened again after it had none to serve.
    sealed class DiskThreadsFactory(int threads) : ExecutorServiceFactory
    {
        public override ExecutorService Produce(string id) => new DiskThreads(id, threads);
    }

    // A lock and a queue: whatever is made for speed (SemaphoreSlim, BlockingCollection) spins before it sleeps.
    sealed class DiskThreads : ExecutorService
    {
        readonly Queue<IRunnable> _work = new();
        bool _ended;

        public DiskThreads(string id, int threads)
            : base(id)
        {
            for (var number = 1; number <= threads; number++)
                new Thread(Work) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"{id}-{number}") }.Start();
        }

        public override void Execute(IRunnable run)
        {
            lock (_work)
            {
                if (_ended) throw new RejectedExecutionException($"The threads of {Id} have ended.");
                _work.Enqueue(run);
                Monitor.Pulse(_work);
            }
        }

        public override void Shutdown()
        {
            lock (_work)
            {
                _ended = true;
                Monitor.PulseAll(_work);
            }
        }

        // What was taken in before the end is still done.
        void Work()
        {
            while (Take() is { } run) run.Run();
        }

        IRunnable? Take()
        {
            lock (_work)
            {
                while (_work.Count == 0 && !_ended) Monitor.Wait(_work);
                return _work.TryDequeue(out var run) ? run : null;
            }
        }
    }
}
