using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>What clients and nodes say to each other, as raft.proto has it.</summary>
internal static class ClientFormat
{
    const uint RequestId = (Proto.ClientRequest.RequestIdFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint RequestBody = (Proto.ClientRequest.BodyFieldNumber << 3) | (uint)WireFormat.WireType.LengthDelimited;
    const uint RequestSequence = (Proto.ClientRequest.SequenceFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint ReplyRequestId = (Proto.ClientReply.RequestIdFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint ReplyOutcome = (Proto.ClientReply.OutcomeFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint ReplyIndex = (Proto.ClientReply.IndexFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint ReplyValue = (Proto.ClientReply.ValueFieldNumber << 3) | (uint)WireFormat.WireType.LengthDelimited;

    public static IMessage Write(ProposeBatch m)
    {
        var written = Write(m.Cluster, m.Group, m.Requests);
        SessionFormat.Write(m, written);
        return written;
    }

    public static IMessage Write(QueryBatch m)
    {
        var written = Write(m.Cluster, m.Group, m.Requests);
        ReadFormat.Write(m.Terms, written);
        return written;
    }

    public static IMessage Write(LeaderRequest m) => Write(m.Cluster, m.Group);

    public static IMessage Write(StatusRequest m) => Write(m.Cluster, m.Group);

    public static IMessage Write(ClientReplyBatch m) => new Proto.ClientReplyBatch
    {
        Version = Checked.FormatVersion,
        From = Checked.Node(m.From.Value).Value,
        Leader = Write(m.Leader),
        Replies = { m.Replies.Select(Write) },
    };

    public static IMessage Write(LeaderReply m)
    {
        var written = new Proto.LeaderReply { Version = Checked.FormatVersion, From = Checked.Node(m.From.Value).Value, Leader = Write(m.Leader) };
        if (m.WhyNone is { } why) written.WhyNone = why;
        written.Members.Add(m.Members.Select(member => EntryFormat.Write(new Member(member.Id, member.Address))));
        return written;
    }

    public static ProposeBatch ReadProposals(byte[] bytes)
    {
        var parts = MessageParts.Of(bytes, Proto.ClientRequestBatch.RequestsFieldNumber);
        var m = Parsers.ClientRequestBatch.ParseFrom(parts.Head.Span);
        Checked.Version(m.Version, SessionFormat.BatchVersion);
        return SessionFormat.Read(m, new ProposeBatch(Checked.Cluster(m.Cluster), Checked.Group(m.Group), Read(parts.Elements, "command")));
    }

    public static QueryBatch ReadQueries(byte[] bytes)
    {
        var parts = MessageParts.Of(bytes, Proto.ClientRequestBatch.RequestsFieldNumber);
        var m = Parsers.ClientRequestBatch.ParseFrom(parts.Head.Span);
        Checked.Version(m.Version);
        return new QueryBatch(Checked.Cluster(m.Cluster), Checked.Group(m.Group), Read(parts.Elements, "query")) { Terms = ReadFormat.Read(m) };
    }

    public static LeaderRequest ReadLeaderRequest(Proto.NodeQuestion m)
    {
        Checked.Version(m.Version);
        return new LeaderRequest(Checked.Cluster(m.Cluster), Checked.Group(m.Group));
    }

    public static StatusRequest ReadStatusRequest(Proto.NodeQuestion m)
    {
        Checked.Version(m.Version);
        return new StatusRequest(Checked.Cluster(m.Cluster), Checked.Group(m.Group));
    }

    public static ClientReplyBatch ReadReplies(byte[] bytes)
    {
        var parts = MessageParts.Of(bytes, Proto.ClientReplyBatch.RepliesFieldNumber);
        var m = Parsers.ClientReplyBatch.ParseFrom(parts.Head.Span);
        Checked.Version(m.Version);
        var replies = new ClientReply[parts.Elements.Count];
        for (var i = 0; i < replies.Length; i++) replies[i] = TryReadReply(parts.Elements[i]) ?? Read(Parsers.ClientReply.ParseFrom(parts.Elements[i].Span));
        return new ClientReplyBatch(Checked.Node(m.From), Read(m.Leader), replies);
    }

    public static LeaderReply Read(Proto.LeaderReply m)
    {
        Checked.Version(m.Version);
        return new LeaderReply(Checked.Node(m.From), Read(m.Leader), m.HasWhyNone ? m.WhyNone : null)
        {
            Members = [.. m.Members.Select(EntryFormat.Read).Select(member => new RaftMember(member.Id, member.Address))],
        };
    }

    static Proto.ClientRequestBatch Write(ClusterId cluster, GroupId group, IReadOnlyList<ClientRequest> requests) => new()
    {
        Version = Checked.FormatVersion,
        Cluster = Checked.Cluster(cluster.Value).Value,
        Group = Checked.Group(group.Value).Value,
        Requests = { requests.Select(r => new Proto.ClientRequest { RequestId = r.RequestId, Body = EntryFormat.Write(r.Body), Sequence = r.Sequence }) },
    };

    static ClientRequest[] Read(IReadOnlyList<ReadOnlyMemory<byte>> requests, string what)
    {
        var read = new ClientRequest[requests.Count];
        for (var i = 0; i < read.Length; i++) read[i] = TryReadRequest(requests[i], what) ?? Read(Parsers.ClientRequest.ParseFrom(requests[i].Span), what);
        return read;
    }

    static ClientRequest Read(Proto.ClientRequest request, string what) => new(request.RequestId, EntryFormat.Read(request.Body, what)) { Sequence = request.Sequence };

    // As our own writer writes it, each field at most once and in order; null for anything else, which the generated code reads.
    static ClientRequest? TryReadRequest(ReadOnlyMemory<byte> request, string what)
    {
        var (id, sequence) = (0L, 0L);
        Payload? body = null;
        var fields = new MessageFields(request);
        while (fields.MoveNext())
        {
            switch (fields.Tag)
            {
                case RequestId:
                    id = fields.Int64();
                    break;
                case RequestBody:
                    body = EntryFormat.TryRead(fields.Bytes(), what);
                    break;
                case RequestSequence:
                    sequence = fields.Int64();
                    break;
                default:
                    return null;
            }
        }

        return body is not null && fields.AreInOrder ? new ClientRequest(id, body) { Sequence = sequence } : null;
    }

    static Proto.NodeQuestion Write(ClusterId cluster, GroupId group) => new()
    {
        Version = Checked.FormatVersion,
        Cluster = Checked.Cluster(cluster.Value).Value,
        Group = Checked.Group(group.Value).Value,
    };

    internal static Proto.LeaderHint Write(LeaderHint hint)
    {
        var written = new Proto.LeaderHint { Term = Checked.Term(hint.Term.Value).Value };
        if (hint.Leader is { } leader) written.Leader = Checked.Node(leader.Value).Value;
        if (hint.Address is { } address) written.Address = Checked.Address(address);
        return written;
    }

    internal static LeaderHint Read(Proto.LeaderHint? hint)
    {
        Checked.Present(hint, "leader hint");
        return new LeaderHint(
            Checked.Term(hint.Term), hint.HasLeader ? Checked.Node(hint.Leader) : null, hint.HasAddress ? Checked.Address(hint.Address) : null);
    }

    static Proto.ClientReply Write(ClientReply reply)
    {
        var written = new Proto.ClientReply
        {
            RequestId = reply.RequestId,
            Outcome = Write(reply.Outcome),
            Index = Checked.Index(reply.Index.Value, "index").Value,
        };
        if (reply.Value is { } value) written.Value = EntryFormat.Write(value);
        if (reply.Error is { } error) written.Error = error;
        if (reply.Session is { } grant) written.Session = SessionFormat.Write(grant);
        if (reply.RetryAfter is { } wait) written.RetryAfterMs = Checked.Milliseconds(wait);
        return written;
    }

    // The same of a reply that went well.
    static ClientReply? TryReadReply(ReadOnlyMemory<byte> reply)
    {
        var (id, outcome, index) = (0L, 0L, 0L);
        Payload? value = null;
        var fields = new MessageFields(reply);
        while (fields.MoveNext())
        {
            switch (fields.Tag)
            {
                case ReplyRequestId:
                    id = fields.Int64();
                    break;
                case ReplyOutcome:
                    outcome = fields.Int64();
                    break;
                case ReplyIndex:
                    index = fields.Int64();
                    break;
                case ReplyValue when EntryFormat.TryRead(fields.Bytes(), "result") is { } result:
                    value = result;
                    break;
                default:
                    return null;
            }
        }

        return fields.AreInOrder && outcome == (long)Proto.ClientOutcome.Ok ? new ClientReply(id, ClientOutcome.Ok, Checked.Index(index, "index"), value, null) : null;
    }

    static ClientReply Read(Proto.ClientReply reply) => new(
        reply.RequestId, Read(reply.Outcome), Checked.Index(reply.Index, "index"),
        reply.Value is null ? null : EntryFormat.Read(reply.Value, "result"), reply.HasError ? reply.Error : null)
    {
        Session = reply.Session is { } grant ? SessionFormat.Read(grant) : null,
        RetryAfter = reply.RetryAfterMs > 0 ? TimeSpan.FromMilliseconds(reply.RetryAfterMs) : null,
    };

    static Proto.ClientOutcome Write(ClientOutcome outcome) => outcome switch
    {
        ClientOutcome.Ok => Proto.ClientOutcome.Ok,
        ClientOutcome.NotLeader => Proto.ClientOutcome.NotLeader,
        ClientOutcome.Overloaded => Proto.ClientOutcome.Overloaded,
        ClientOutcome.Unknown => Proto.ClientOutcome.Unknown,
        ClientOutcome.Rejected => Proto.ClientOutcome.Rejected,
        ClientOutcome.ResultUnavailable => Proto.ClientOutcome.ResultUnavailable,
        ClientOutcome.QueryFailed => Proto.ClientOutcome.QueryFailed,
        ClientOutcome.SessionExpired => Proto.ClientOutcome.SessionExpired,
        ClientOutcome.TooStale => Proto.ClientOutcome.TooStale,
        _ => throw Checked.Bad($"there is no client outcome {outcome}"),
    };

    static ClientOutcome Read(Proto.ClientOutcome outcome) => outcome switch
    {
        Proto.ClientOutcome.Ok => ClientOutcome.Ok,
        Proto.ClientOutcome.NotLeader => ClientOutcome.NotLeader,
        Proto.ClientOutcome.Overloaded => ClientOutcome.Overloaded,
        Proto.ClientOutcome.Unknown => ClientOutcome.Unknown,
        Proto.ClientOutcome.Rejected => ClientOutcome.Rejected,
        Proto.ClientOutcome.ResultUnavailable => ClientOutcome.ResultUnavailable,
        Proto.ClientOutcome.QueryFailed => ClientOutcome.QueryFailed,
        Proto.ClientOutcome.SessionExpired => ClientOutcome.SessionExpired,
        Proto.ClientOutcome.TooStale => ClientOutcome.TooStale,
        _ => throw Checked.Bad($"there is no client outcome {(int)outcome}"),
    };
}
