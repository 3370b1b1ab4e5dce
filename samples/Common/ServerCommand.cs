using System.CommandLine;
using System.CommandLine.Parsing;
using Akka.Event;

namespace AkkaRaft.Samples.Common;

/// <summary><c>server ID PEER...</c></summary>
public static class ServerCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="app">The program.</param>
    /// <param name="run">Runs a node until it is told to stop; returns the exit code.</param>
    public static Command Create(SampleApp app, Func<ServerOptions, Task<int>> run)
    {
        var id = new Argument<string>("id") { Description = "This node's id: one of the peers." };
        var peers = new Argument<string[]>("peer")
        {
            Description = $"The whole first configuration, this node included, the same on each node: "
                + $"\"2\" for 127.0.0.1:{app.BasePort + 2}, or \"2=host:port\". "
                + "It is the address that the others use for the node.",
            Arity = ArgumentArity.OneOrMore,
        };
        var data = DataOption(app);
        var listen = new Option<HostPort?>("--listen")
        {
            Description = "Where to listen, if not at this node's own address in the list, such as 0.0.0.0:4051.",
            HelpName = "HOST:PORT",
            CustomParser = Parsed.As(HostPort.Parse),
        };
        var join = new Option<bool>("--join")
        {
            Description = "An empty data folder founds no cluster: the node waits until it is added (members add). The only peer is then the node itself, as ID=HOST:PORT. "
                + "Once a cluster is founded, all its nodes may be started so.",
        };
        var address = new Option<HostPort?>("--address")
        {
            Description = "Where the others find this node, if not at its entry in the list any more, because it was moved (members move).",
            HelpName = "HOST:PORT",
            CustomParser = Parsed.As(HostPort.Parse),
        };
        var config = ConfigFile.Option(
            "A HOCON file with settings of the node, such as akka.raft.election-timeout-min = 1s, or hocon/tls.conf. "
            + "What the command line says is not for the file: cluster-id, node-id, members, and the addresses and ports of akka.remote.dot-netty.tcp are "
            + "refused there; data-dir counts unless --data is given.");
        var cluster = ClusterOption(app);
        var log = LogOption(LogLevel.InfoLevel);

        var command = new Command("server", $"Runs a node of the {app.Name} until SIGTERM or SIGINT. Prints \"ready\" to stderr once it takes part.")
        {
            id, peers, data, listen, join, address, config, cluster, log,
        };
        command.Validators.Add(result => Parsed.Check(result, () => Members(result)));
        command.SetAction((result, _) => run(new ServerOptions(
            NodeId.Parse(result.GetRequiredValue(id)),
            Members(result.CommandResult),
            result.Or(cluster, ClusterId.Parse(app.Name)),
            result.GetValue(data),
            result.GetValue(listen),
            result.GetValue(config),
            result.Or(log, LogLevel.InfoLevel))
        {
            Join = result.GetValue(join),
            Address = result.GetValue(address),
        }));
        return command;

        // Both together, because one must be in the other.
        IReadOnlyList<RaftMember> Members(CommandResult result)
        {
            var members = PeerList.Parse(result.GetValue(peers) ?? [], app.BasePort);
            var own = NodeId.Parse(result.GetValue(id) ?? "");
            if (members.All(member => member.Id != own))
                throw new FormatException($"Node \"{own}\" is not in the list of nodes {string.Join(" ", members)}. Name it there too.");
            if (result.GetValue(join) && members.Count > 1)
                throw new FormatException($"With --join node \"{own}\" learns from the others who they are; name only itself, as {members.First(member => member.Id == own)}.");
            return members;
        }
    }

    /// <summary><c>--data</c></summary>
    public static Option<string?> DataOption(SampleApp app) => new("--data") { Description = $"The folder of this node's journals. [default: ./{app.Name}-data/<id>]", HelpName = "DIR" };

    /// <summary><c>--cluster</c></summary>
    public static Option<ClusterId> ClusterOption(SampleApp app) => new("--cluster")
    {
        Description = $"The cluster's name; nodes and clients of different clusters do not speak to each other. [default: {app.Name}]",
        HelpName = "NAME",
        CustomParser = Parsed.As(ClusterId.Parse),
    };

    /// <summary><c>--log</c></summary>
    public static Option<LogLevel> LogOption(LogLevel unlessTold) => new("--log")
    {
        Description = $"What to log to stderr. [default: {(unlessTold == LogLevel.InfoLevel ? "info" : "warning")}]",
        HelpName = "debug|info|warning",
        CustomParser = Parsed.As(LogLevelText.Parse),
    };
}
