using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>What nodes say to each other, as raft.proto has it. The sender's name is written once, in the header.</summary>
internal static class PeerFormat
{
    public static IMessage Write(PeerMessage message)
    {
        if (message.Message.From != message.Header.From)
            throw Checked.Bad($"a message of node \"{message.Message.From}\" cannot be sent under the name of node \"{message.Header.From}\"");
        var header = Write(message.Header);
        var term = Checked.Term(message.Message.Term.Value).Value;
        return message.Message switch
        {
            VoteRequest m => new Proto.VoteRequest
            {
                Version = Checked.FormatVersion,
                Header = header,
                Term = term,
                Kind = Write(m.Kind),
                Round = Checked.Round(m.Round),
                LastEntry = EntryFormat.Write(m.LastEntry),
                IsTransfer = m.IsTransfer,
                VoterStorage = EntryFormat.Storage(m.VoterStorage),
            },
            VoteReply m => new Proto.VoteReply
            {
                Version = Checked.FormatVersion,
                Header = header,
                Term = term,
                Kind = Write(m.Kind),
                Round = Checked.Round(m.Round),
                Refusal = Write(m.Refusal),
                CandidateIsRemoved = m.CandidateIsRemoved,
            },
            AppendEntries m => Write(m, header, term),
            AppendEntriesReply m => new Proto.AppendEntriesReply
            {
                Version = Checked.FormatVersion,
                Header = header,
                Term = term,
                Outcome = Write(m.Outcome),
                Round = Checked.Round(m.Round),
                Match = Checked.Index(m.Match.Value, "match index").Value,
                Verified = Checked.Index(m.Verified.Value, "verified index").Value,
                Rejected = EntryFormat.Write(m.Rejected),
                Hint = EntryFormat.Write(m.Hint),
                PriorityAboveDefault = Checked.Priority(m.Priority) - ElectionPriority.Default,
            },
            InstallSnapshot m => SnapshotFormat.Write(m, header),
            InstallSnapshotReply m => SnapshotFormat.Write(m, header),
            ReadIndexRequest m => ReadFormat.Write(m, header),
            ReadIndexReply m => ReadFormat.Write(m, header),
            TimeoutNow m => new Proto.TimeoutNow { Version = Checked.FormatVersion, Header = header, Term = term, LastEntry = EntryFormat.Write(m.Last) },
            _ => throw Checked.Bad($"raft.proto has no message for a {message.Message.GetType().Name}"),
        };
    }

    public static IMessage Write(Greeting greeting) => new Proto.Greeting
    {
        Version = Checked.FormatVersion,
        Header = Write(greeting.Header),
        IsReply = greeting.IsReply,
    };

    public static IMessage Write(IdentityRefused refused) => new Proto.IdentityRefused
    {
        Version = Checked.FormatVersion,
        Header = Write(refused.Header),
        Storage = Checked.Storage(refused.Storage.Value).Value,
        Index = Checked.Index(refused.Index.Value, "configuration's index").Value,
    };

    public static PeerMessage Read(Proto.VoteRequest m)
    {
        Checked.Version(m.Version);
        var header = Read(m.Header);
        return new PeerMessage(header, new VoteRequest(
            header.From, Checked.Term(m.Term), Read(m.Kind), Checked.Round(m.Round), EntryFormat.Read(m.LastEntry, "last entry"))
        {
            IsTransfer = m.IsTransfer,
            VoterStorage = EntryFormat.Storage(m.VoterStorage),
        });
    }

    public static PeerMessage Read(Proto.VoteReply m)
    {
        Checked.Version(m.Version);
        var header = Read(m.Header);
        return new PeerMessage(header, new VoteReply(header.From, Checked.Term(m.Term), Read(m.Kind), Checked.Round(m.Round), Read(m.Refusal))
        {
            CandidateIsRemoved = m.CandidateIsRemoved,
        });
    }

    public static PeerMessage ReadAppendEntries(byte[] bytes)
    {
        var parts = MessageParts.Of(bytes, Proto.AppendEntries.EntriesFieldNumber);
        var m = Parsers.AppendEntries.ParseFrom(parts.Head.Span);
        Checked.Version(m.Version);
        var header = Read(m.Header);
        var previous = EntryFormat.Read(m.Previous, "previous entry");
        var read = new AppendEntries(
            header.From, Checked.Term(m.Term), Checked.Round(m.Round), previous, EntryFormat.Read(previous, parts.Elements),
            Checked.Index(m.CommitIndex, "commit index"));
        CheckTerm(read);
        return new PeerMessage(header, read);
    }

    public static PeerMessage Read(Proto.AppendEntriesReply m)
    {
        Checked.Version(m.Version);
        var header = Read(m.Header);
        return new PeerMessage(header, new AppendEntriesReply(
            header.From, Checked.Term(m.Term), Read(m.Outcome), Checked.Round(m.Round), Checked.Index(m.Match, "match index"),
            Checked.Index(m.Verified, "verified index"), EntryFormat.Read(m.Rejected, "rejected entry"), EntryFormat.Read(m.Hint, "hint"))
        {
            Priority = Checked.Priority((long)m.PriorityAboveDefault + ElectionPriority.Default),
        });
    }

    public static PeerMessage Read(Proto.InstallSnapshot m)
    {
        Checked.Version(m.Version);
        var header = Read(m.Header);
        return new PeerMessage(header, SnapshotFormat.Read(m, header.From));
    }

    public static PeerMessage Read(Proto.InstallSnapshotReply m)
    {
        Checked.Version(m.Version);
        var header = Read(m.Header);
        return new PeerMessage(header, SnapshotFormat.Read(m, header.From));
    }

    public static PeerMessage Read(Proto.ReadIndexRequest m)
    {
        Checked.Version(m.Version);
        var header = Read(m.Header);
        return new PeerMessage(header, ReadFormat.Read(m, header.From));
    }

    public static PeerMessage Read(Proto.ReadIndexReply m)
    {
        Checked.Version(m.Version);
        var header = Read(m.Header);
        return new PeerMessage(header, ReadFormat.Read(m, header.From));
    }

    public static PeerMessage Read(Proto.TimeoutNow m)
    {
        Checked.Version(m.Version);
        var header = Read(m.Header);
        return new PeerMessage(header, new TimeoutNow(header.From, Checked.Term(m.Term), EntryFormat.Read(m.LastEntry, "last entry")));
    }

    public static Greeting Read(Proto.Greeting m)
    {
        Checked.Version(m.Version);
        return new Greeting(Read(m.Header), m.IsReply);
    }

    public static IdentityRefused Read(Proto.IdentityRefused m)
    {
        Checked.Version(m.Version);
        return new IdentityRefused(Read(m.Header), Checked.Storage(m.Storage), Checked.Index(m.Index, "configuration's index"));
    }

    // Without its entries, which EntriesWriter puts behind it.
    static Proto.AppendEntries Write(AppendEntries m, Proto.PeerHeader header, long term)
    {
        CheckTerm(m);
        return new Proto.AppendEntries
        {
            Version = Checked.FormatVersion,
            Header = header,
            Term = term,
            Round = Checked.Round(m.Round),
            Previous = EntryFormat.Write(m.Previous),
            CommitIndex = Checked.Index(m.CommitIndex.Value, "commit index").Value,
        };
    }

    // No leader holds an entry of a term after its own (Raft 5.3). Terms do not fall along the entries, so the last one is the highest.
    static void CheckTerm(AppendEntries m)
    {
        var last = m.Entries.Count > 0 ? m.Entries[^1].Id : m.Previous;
        if (last.Term > m.Term) throw Checked.Bad($"its entry {last} is of a later term than its leader's, {m.Term}");
    }

    static Proto.PeerHeader Write(PeerHeader header) => new()
    {
        Cluster = Checked.Cluster(header.Cluster.Value).Value,
        Group = Checked.Group(header.Group.Value).Value,
        To = Checked.Node(header.To.Value).Value,
        From = Checked.Node(header.From.Value).Value,
        FromStorage = Checked.Storage(header.FromStorage.Value).Value,
        FromAddress = Checked.Address(header.FromAddress),
        Incarnation = header.Incarnation,
        Founders = header.Founders,
        ToStorage = EntryFormat.Storage(header.ToStorage),
        Configuration = Checked.Index(header.Configuration.Value, "configuration's index").Value,
        RecoveryMark = header.RecoveryMark,
    };

    static PeerHeader Read(Proto.PeerHeader? header)
    {
        Checked.Present(header, "header");
        return new PeerHeader(
            Checked.Cluster(header.Cluster), Checked.Group(header.Group), Checked.Node(header.To), Checked.Node(header.From),
            Checked.Storage(header.FromStorage), Checked.Address(header.FromAddress), header.Incarnation, header.Founders)
        {
            ToStorage = EntryFormat.Storage(header.ToStorage),
            Configuration = Checked.Index(header.Configuration, "configuration's index"),
            RecoveryMark = header.RecoveryMark,
        };
    }

    static Proto.ElectionKind Write(ElectionKind kind) => kind switch
    {
        ElectionKind.PreVote => Proto.ElectionKind.PreVote,
        ElectionKind.Vote => Proto.ElectionKind.Vote,
        _ => throw Checked.Bad($"there is no election kind {kind}"),
    };

    static ElectionKind Read(Proto.ElectionKind kind) => kind switch
    {
        Proto.ElectionKind.PreVote => ElectionKind.PreVote,
        Proto.ElectionKind.Vote => ElectionKind.Vote,
        _ => throw Checked.Bad($"there is no election kind {(int)kind}"),
    };

    static Proto.VoteRefusal Write(VoteRefusal refusal) => refusal switch
    {
        VoteRefusal.None => Proto.VoteRefusal.None,
        VoteRefusal.StaleTerm => Proto.VoteRefusal.StaleTerm,
        VoteRefusal.AlreadyVoted => Proto.VoteRefusal.AlreadyVoted,
        VoteRefusal.LogBehind => Proto.VoteRefusal.LogBehind,
        VoteRefusal.LeaderAlive => Proto.VoteRefusal.LeaderAlive,
        VoteRefusal.NotAdmitted => Proto.VoteRefusal.NotAdmitted,
        _ => throw Checked.Bad($"there is no vote refusal {refusal}"),
    };

    static VoteRefusal Read(Proto.VoteRefusal refusal) => refusal switch
    {
        Proto.VoteRefusal.None => VoteRefusal.None,
        Proto.VoteRefusal.StaleTerm => VoteRefusal.StaleTerm,
        Proto.VoteRefusal.AlreadyVoted => VoteRefusal.AlreadyVoted,
        Proto.VoteRefusal.LogBehind => VoteRefusal.LogBehind,
        Proto.VoteRefusal.LeaderAlive => VoteRefusal.LeaderAlive,
        Proto.VoteRefusal.NotAdmitted => VoteRefusal.NotAdmitted,
        _ => throw Checked.Bad($"there is no vote refusal {(int)refusal}"),
    };

    static Proto.AppendOutcome Write(AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.Accepted => Proto.AppendOutcome.Accepted,
        AppendOutcome.Conflict => Proto.AppendOutcome.Conflict,
        AppendOutcome.StaleTerm => Proto.AppendOutcome.StaleTerm,
        _ => throw Checked.Bad($"there is no append outcome {outcome}"),
    };

    static AppendOutcome Read(Proto.AppendOutcome outcome) => outcome switch
    {
        Proto.AppendOutcome.Accepted => AppendOutcome.Accepted,
        Proto.AppendOutcome.Conflict => AppendOutcome.Conflict,
        Proto.AppendOutcome.StaleTerm => AppendOutcome.StaleTerm,
        _ => throw Checked.Bad($"there is no append outcome {(int)outcome}"),
    };
}
