namespace AkkaRaft.Node;

/// <summary>Where an address book says that nodes are. The configuration in the log decides; this only helps to find a node that has moved before the log knows.</summary>
internal sealed class AddressHints
{
    /// <summary>Far more than a group has members.</summary>
    const int Most = 256;

    readonly Dictionary<NodeId, string> _addresses = [];

    /// <summary>The address that was named last; null for none.</summary>
    public string? Of(NodeId node) => _addresses.GetValueOrDefault(node);

    /// <param name="node">Which node.</param>
    /// <param name="address">Where it is; null to forget it. What is no <c>host:port</c> is not remembered.</param>
    public void Hear(NodeId node, string? address)
    {
        if (!RaftMember.IsAddress(address)) _addresses.Remove(node);
        else if (_addresses.Count < Most || _addresses.ContainsKey(node)) _addresses[node] = address!;
    }
}
