using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;

namespace AkkaRaft.Tests.Journals;

/// <summary>An actor system of its own with a node's two journals and a probe in the node's place: what one life of a process has.</summary>
internal sealed class JournalHost : IDisposable
{
    static readonly Config Quietly = ConfigurationFactory.ParseString("akka.loglevel = WARNING\nakka.log-dead-letters = off\nakka.test.single-expect-default = 20s");

    readonly Akka.TestKit.Xunit2.TestKit _kit;

    public JournalHost(Config config)
    {
        System = ActorSystem.Create("journals", config.WithFallback(TestEventSerializer.Binding).WithFallback(Quietly));
        _kit = new Akka.TestKit.Xunit2.TestKit(System);
        Node = _kit.CreateTestProbe();
    }

    public ActorSystem System { get; }

    public TestProbe Node { get; }

    /// <summary>Starts both journals and returns what they remember.</summary>
    public (IActorRef Term, IActorRef Log, TermJournalRecovered TermState, LogJournalRecovered LogState) Recover(JournalOptions options, NodeId? node = null)
    {
        var term = Node.ChildActorOf(TermJournal.Props(JournalSpec.Cluster, JournalSpec.Group, node ?? JournalSpec.ThisNode, options));
        var termState = Node.ExpectMsg<TermJournalRecovered>(TimeSpan.FromSeconds(30));
        var log = Node.ChildActorOf(LogJournal.Props(JournalSpec.Cluster, JournalSpec.Group, node ?? JournalSpec.ThisNode, options));
        return (term, log, termState, Node.ExpectMsg<LogJournalRecovered>(TimeSpan.FromSeconds(30)));
    }

    /// <summary>First start: stores identity and creates the log.</summary>
    public (IActorRef Term, IActorRef Log) FirstStart(JournalOptions options)
    {
        var (term, log, termState, logState) = Recover(options);
        if (termState.Identity is not null || logState.Storage is not null) throw new InvalidOperationException("The journals are not new.");
        term.Tell(new StoreIdentity(JournalSpec.Identity));
        Node.ExpectMsg<IdentityStored>();
        log.Tell(new CreateLog(JournalSpec.Storage));
        Node.ExpectMsg<LogCreated>();
        return (term, log);
    }

    /// <summary>Ends the system, as a process that ends.</summary>
    public void Dispose()
    {
        if (!System.Terminate().Wait(TimeSpan.FromSeconds(20))) throw new TimeoutException("The actor system did not end within 20 s.");
        _kit.Dispose();
    }
}
