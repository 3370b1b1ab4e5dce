using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using Shouldly;

namespace AkkaRaft.Tests.Journals;

/// <summary>What the journal tests share: one actor system, a probe as the node, entries with few words.</summary>
public abstract class JournalSpec : Akka.TestKit.Xunit2.TestKit
{
    internal static readonly ClusterId Cluster = ClusterId.Parse("orders");
    internal static readonly GroupId Group = GroupId.Parse("main");
    internal static readonly NodeId ThisNode = NodeId.Parse("2");
    internal static readonly StorageId Storage = new("0123456789abcdef0123456789abcdef");
    internal static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(150);

    internal static readonly NodeIdentity Identity = new(Cluster, Group, ThisNode, Storage, new Configuration([new Member(ThisNode, "127.0.0.1:4052")]));
    internal static readonly string LogId = NodeJournal.PersistenceIdOf(JournalKind.Log, Cluster, Group, ThisNode);
    internal static readonly string TermId = NodeJournal.PersistenceIdOf(JournalKind.Term, Cluster, Group, ThisNode);

    protected JournalSpec(Config config) : base(config.WithFallback(Quietly))
    {
    }

    static Config Quietly => ConfigurationFactory.ParseString("akka.loglevel = WARNING\nakka.log-dead-letters = off\nakka.test.single-expect-default = 20s");

    internal static EntryId Id(long index, long term) => new(new LogIndex(index), new Term(term));

    internal static LogEntry Entry(long index, long term, int bytes = 0) => new CommandEntry(
        Id(index, term), DateTimeOffset.UnixEpoch.AddMilliseconds(index), new Payload(1, "c", Enumerable.Repeat((byte)term, bytes).ToArray()));

    internal static AppendToLog Append(long writeId, EntryId previous, params LogEntry[] entries) => new(writeId, previous, entries);

    /// <summary>What the events say, by the plainest rule there is.</summary>
    internal static List<LogEntry> Overlay(IEnumerable<JournalEvent> events)
    {
        var log = new List<LogEntry>();
        foreach (var appended in events.OfType<EntriesAppended>())
            log = [.. log.Take((int)appended.Previous.Index.Value), .. appended.Entries];
        return log;
    }

    internal IActorRef StartLog(TestProbe node, JournalOptions options) => node.ChildActorOf(LogJournal.Props(Cluster, Group, ThisNode, options));

    internal IActorRef StartTerm(TestProbe node, JournalOptions options) => node.ChildActorOf(TermJournal.Props(Cluster, Group, ThisNode, options));

    /// <summary>A log that has been created and waits for entries.</summary>
    internal IActorRef CreatedLog(TestProbe node, JournalOptions options)
    {
        var journal = StartLog(node, options);
        node.ExpectMsg<LogJournalRecovered>().Storage.ShouldBeNull();
        journal.Tell(new CreateLog(Storage));
        node.ExpectMsg<LogCreated>().Storage.ShouldBe(Storage);
        return journal;
    }

    internal IActorRef IdentifiedTerm(TestProbe node, JournalOptions options)
    {
        var journal = StartTerm(node, options);
        node.ExpectMsg<TermJournalRecovered>().ShouldBe(new TermJournalRecovered(null, Term.Zero, null));
        journal.Tell(new StoreIdentity(Identity));
        node.ExpectMsg<IdentityStored>().Identity.ShouldBe(Identity);
        return journal;
    }

    internal void FinishAndWait(TestProbe node, IActorRef journal)
    {
        node.Watch(journal);
        journal.Tell(FinishJournal.Instance);
        node.ExpectTerminated(journal);
        node.Unwatch(journal);
    }

    /// <summary>Exactly one report of the failure, then the end of the actor, and nothing more.</summary>
    internal static JournalFailed ExpectFailure(TestProbe node, IActorRef journal, JournalKind kind)
    {
        node.Watch(journal);
        JournalFailed? failure = null;
        var ended = false;
        node.FishForMessage(message =>
        {
            switch (message)
            {
                case JournalFailed failed:
                    failure.ShouldBeNull("a failure is reported once");
                    failure = failed;
                    break;
                case Terminated:
                    ended = true;
                    break;
                default:
                    throw new ShouldAssertException($"After a failure nothing may be said, but the journal said {message}.");
            }

            return failure is not null && ended;
        }, TimeSpan.FromSeconds(10));
        node.ExpectNoMsg(Quiet);
        failure!.Journal.ShouldBe(kind);
        return failure;
    }
}
