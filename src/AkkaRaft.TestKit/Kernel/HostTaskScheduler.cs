namespace AkkaRaft.TestKit.Kernel;

/// <summary>Makes jobs of a host out of its tasks, so that what follows an await comes back to the simulation.</summary>
internal sealed class HostTaskScheduler(SimulatedHost host) : TaskScheduler
{
    bool _isRunning;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs code with this scheduler as the current one; throws what it throws.</summary>
    public void Run(Action run)
    {
        if (_isRunning)
        {
            run();
            return;
        }

        _isRunning = true;
        try
        {
            var task = new Task(run);
            task.RunSynchronously(this);
            if (task.IsFaulted) task.GetAwaiter().GetResult();
        }
        finally
        {
            _isRunning = false;
        }
    }

    protected override void QueueTask(Task task) => host.Kernel.Ready(host, host.NextTaskKey(), () => TryExecuteTask(task));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && _isRunning && host.Kernel.IsDriverThread && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
