using System.Diagnostics;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>What of a node is cut.</summary>
internal enum CutOff
{
    /// <summary>The others get nothing of it; it hears them.</summary>
    Mute,

    /// <summary>It gets nothing of the others; they hear it.</summary>
    Deaf,

    /// <summary>Both, at once and for every packet.</summary>
    Alone,
}

/// <summary>
/// A network namespace for each node, joined by a switch in a namespace of its own, at which a node can be unplugged, or cut off from the other nodes in one direction or in both. This
/// process, and the clients that it starts, are plugged in too; they reach a node that is cut off from the others.
/// </summary>
/// <remarks>
/// Only iproute2 is needed (ip, and tc, whose filters send what is to be lost into a cable with no other end). A one-way cut loses the packets that carry data. TCP's bare acknowledgements pass: without
/// them the other direction would stop too, and nothing would be one-way about it.
/// </remarks>
internal sealed class NodeNetwork : IAsyncDisposable
{
    const string Mark = "akkaraft";
    const int Port = 4050;

    // Shorter than any message between nodes, longer than a TCP acknowledgement with all its options: 127 bytes of IP at most.
    const string WithoutData = "0xff80";

    readonly string _name;
    readonly string _subnet;
    readonly int _nodes;

    NodeNetwork(int nodes)
    {
        var id = System.Environment.ProcessId;
        _name = $"{Mark}-{id}";
        // From the benchmarking range of RFC 2544, which nobody routes: the nodes in its lower half, clients in the upper one.
        _subnet = $"198.{18 + (id / 256 % 2)}.{id % 256}";
        _nodes = nodes;
    }

    string Switch => $"{_name}-switch";

    // At most 15 characters.
    string Cable => $"akr{System.Environment.ProcessId}";

    /// <summary>Makes it, without whatever an earlier run has left that did not end well.</summary>
    /// <param name="nodes">For nodes 1 to this.</param>
    /// <exception cref="InvalidOperationException">It cannot be made here; the message says why.</exception>
    public static async Task<NodeNetwork> Create(int nodes)
    {
        var network = new NodeNetwork(nodes);
        await RemoveLeftovers();
        try
        {
            await network.Make();
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }

        return network;
    }

    /// <summary>Where a node is.</summary>
    public string AddressOf(int node) => $"{_subnet}.{node}:{Port}";

    /// <summary>What starts a program in a node's place.</summary>
    public IReadOnlyList<string> Inside(int node) => ["ip", "netns", "exec", NamespaceOf(node)];

    /// <summary>The node's cable is pulled out: it is cut off from the others and from the clients.</summary>
    public Task Unplug(string node) => Ip("-n", Switch, "link", "set", PortOf(node), "down");

    /// <summary>And put in again.</summary>
    public Task Plug(string node) => Ip("-n", Switch, "link", "set", PortOf(node), "up");

    /// <summary>Cuts a node off from the other nodes; the clients still reach it.</summary>
    public async Task Cut(string node, CutOff how)
    {
        if (how is CutOff.Mute or CutOff.Alone) await Lose(node, "ingress", "dst", dataOnly: how == CutOff.Mute);
        if (how is CutOff.Deaf or CutOff.Alone) await Lose(node, "egress", "src", dataOnly: how == CutOff.Deaf);
    }

    /// <summary>Ends a cut.</summary>
    public async Task Heal(string node)
    {
        foreach (var direction in new[] { "ingress", "egress" }) await Tc("-n", Switch, "filter", "del", "dev", PortOf(node), direction);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // The cables go with their ends.
        foreach (var name in await Namespaces(_name)) await Ip("netns", "del", name);
        await Until.Holds("the network to be gone", () => Output("ip", "-o", "link", "show"), links => !links.Contains($" {Cable}@", StringComparison.Ordinal));
    }

    static string PortOf(string node) => $"port{node}";

    string NamespaceOf(int node) => $"{_name}-node{node}";

    async Task Make()
    {
        await Ip("netns", "add", Switch);
        await Ip("-n", Switch, "link", "add", "bridge", "type", "bridge");
        await Ip("-n", Switch, "link", "set", "bridge", "up");
        // What is to be lost goes into this one, whose other end is down.
        await Ip("-n", Switch, "link", "add", "lost", "type", "veth", "peer", "name", "nowhere");
        await Ip("-n", Switch, "link", "set", "lost", "up");

        await Ip("link", "add", Cable, "type", "veth", "peer", "name", "clients", "netns", Switch);
        await Ip("-n", Switch, "link", "set", "clients", "master", "bridge", "up");
        await Ip("addr", "add", $"{_subnet}.254/24", "dev", Cable);
        await Ip("link", "set", Cable, "up");
        for (var node = 1; node <= _nodes; node++) await AddNode(node);
    }

    async Task AddNode(int node)
    {
        var (inside, port) = (NamespaceOf(node), PortOf($"{node}"));
        await Ip("netns", "add", inside);
        await Ip("-n", Switch, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", inside);
        await Ip("-n", Switch, "link", "set", port, "master", "bridge", "up");
        await Ip("-n", inside, "addr", "add", $"{_subnet}.{node}/24", "dev", "eth0");
        await Ip("-n", inside, "link", "set", "eth0", "up");
        await Ip("-n", inside, "link", "set", "lo", "up");
        await Tc("-n", Switch, "qdisc", "add", "dev", port, "clsact");
    }

    // The first filter that fits decides: one that says nothing but a class lets through.
    async Task Lose(string node, string direction, string others, bool dataOnly)
    {
        string[] filter = ["-n", Switch, "filter", "add", "dev", PortOf(node), direction, "protocol", "ip"];
        if (dataOnly) await Tc([.. filter, "prio", "1", "u32", "match", "u16", "0", WithoutData, "at", "2", "flowid", "1:1"]);
        await Tc([.. filter, "prio", "2", "u32", "match", "ip", others, $"{_subnet}.0/25", "action", "mirred", "egress", "redirect", "dev", "lost"]);
    }

    // A process that is gone takes its namespaces with it only if it has the time.
    static async Task RemoveLeftovers()
    {
        foreach (var name in await Namespaces(Mark))
        {
            if (!Directory.Exists($"/proc/{name.Split('-')[1]}")) await Ip("netns", "del", name);
        }
    }

    // The list has the name, and then its number if it has one.
    static async Task<IReadOnlyList<string>> Namespaces(string prefix) =>
        [.. (await Output("ip", "netns", "list")).Split('\n').Select(line => line.Split(' ')[0]).Where(name => name.StartsWith($"{prefix}-", StringComparison.Ordinal))];

    static Task Ip(params string[] arguments) => Output("ip", arguments);

    static Task Tc(params string[] arguments) => Output("tc", arguments);

    static async Task<string> Output(string program, params string[] arguments)
    {
        const string Needs = "This test makes a network of its own: it needs Linux with network namespaces, veth, bridges and tc filters (u32, mirred), the Debian package iproute2, and root, " +
            "in a container with the capabilities NET_ADMIN and SYS_ADMIN.";
        ChildProcess child;
        try
        {
            child = ChildProcess.Start(new ProcessStartInfo(program, arguments));
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException($"{program} cannot be started: {missing.Message}. {Needs}", missing);
        }

        await using (child)
        {
            var exitCode = await child.Exited.WaitAsync(ClusterTest.Patience);
            return exitCode == 0
                ? string.Join('\n', child.Output.Lines)
                : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {exitCode}: {string.Join(' ', child.Errors.Lines)} {Needs}");
        }
    }
}
