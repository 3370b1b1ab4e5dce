using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Serialization;

/// <summary>What belongs to reads, as raft.proto has it.</summary>
internal static class ReadFormat
{
    public static Proto.ReadIndexRequest Write(ReadIndexRequest m, Proto.PeerHeader header) => new()
    {
        Version = Checked.FormatVersion,
        Header = header,
        Term = Checked.Term(m.Term.Value).Value,
        Request = Checked.Round(m.Request),
        ByLease = m.ByLease,
    };

    public static Proto.ReadIndexReply Write(ReadIndexReply m, Proto.PeerHeader header) => new()
    {
        Version = Checked.FormatVersion,
        Header = header,
        Term = Checked.Term(m.Term.Value).Value,
        Request = Checked.Round(m.Request),
        Index = Checked.Index(m.Index.Value, "index").Value,
    };

    public static ReadIndexRequest Read(Proto.ReadIndexRequest m, NodeId from) => new(from, Checked.Term(m.Term), Checked.Round(m.Request), m.ByLease);

    public static ReadIndexReply Read(Proto.ReadIndexReply m, NodeId from) =>
        new(from, Checked.Term(m.Term), Checked.Round(m.Request), Checked.Index(m.Index, "index"));

    /// <summary>What a linearizable read at the leader wants is written as nothing: it has the bytes of the first release.</summary>
    public static void Write(QueryTerms terms, Proto.ClientRequestBatch batch)
    {
        batch.Consistency = terms.Consistency switch
        {
            ReadConsistency.Linearizable => Proto.ReadConsistency.Linearizable,
            ReadConsistency.Lease => Proto.ReadConsistency.Lease,
            ReadConsistency.Local => Proto.ReadConsistency.Local,
            _ => throw Checked.Bad($"there is no read consistency {terms.Consistency}"),
        };
        batch.AnyNode = terms.AnyNode;
        batch.MinIndex = Checked.Index(terms.MinIndex.Value, "index").Value;
        batch.MaxStalenessUs = terms.MaxStaleness is { } most ? Math.Max(1, Micros(most)) : 0;
        batch.MaxWaitUs = Micros(terms.MaxWait);
    }

    public static QueryTerms Read(Proto.ClientRequestBatch batch) => new(batch.Consistency switch
    {
        Proto.ReadConsistency.Linearizable => ReadConsistency.Linearizable,
        Proto.ReadConsistency.Lease => ReadConsistency.Lease,
        Proto.ReadConsistency.Local => ReadConsistency.Local,
        _ => throw Checked.Bad($"there is no read consistency {(int)batch.Consistency}"),
    })
    {
        AnyNode = batch.AnyNode,
        MinIndex = Checked.Index(batch.MinIndex, "index"),
        MaxStaleness = batch.MaxStalenessUs == 0 ? null : Time(batch.MaxStalenessUs),
        MaxWait = Time(batch.MaxWaitUs),
    };

    static long Micros(TimeSpan time) =>
        time >= TimeSpan.Zero && time <= QueryTerms.LongestTime ? time.Ticks / TimeSpan.TicksPerMicrosecond : throw Checked.Bad($"its time {time} is out of range");

    static TimeSpan Time(long micros) => micros >= 0 && micros <= (long)QueryTerms.LongestTime.TotalMicroseconds
        ? TimeSpan.FromTicks(micros * TimeSpan.TicksPerMicrosecond)
        : throw Checked.Bad($"its time of {micros} microseconds is out of range");
}
