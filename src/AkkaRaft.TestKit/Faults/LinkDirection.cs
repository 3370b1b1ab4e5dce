namespace AkkaRaft.TestKit;

/// <summary>A direction of the links between a node and the other nodes, seen from the node.</summary>
public enum LinkDirection
{
    /// <summary>Both.</summary>
    Both,

    /// <summary>What the others send to the node.</summary>
    To,

    /// <summary>What the node sends to the others.</summary>
    From,
}
