using System.Globalization;
using System.Text;
using AkkaRaft.TestKit.Planning;
using AkkaRaft.TestKit.Scenarios;

namespace AkkaRaft.TestKit.Shrinking;

/// <summary>A plan as a script, in C#: the same calls, in the same order, at the same virtual times as <see cref="ScenarioRun"/> makes.</summary>
internal static class ScriptText
{
    /// <summary>A whole test, to be put into a test class.</summary>
    public static string Test(Scenario scenario, RunPlan plan, string test)
    {
        var text = new StringBuilder();
        text.Append("[Fact]\n").Append(CultureInfo.InvariantCulture, $"public void {Identifier(test)}_seed_{plan.Seed}()\n").Append("{\n");
        foreach (var line in Body(scenario, plan).TrimEnd('\n').Split('\n')) text.Append(line.Length > 0 ? "    " : "").Append(line).Append('\n');
        return text.Append("}\n").ToString();
    }

    /// <summary>A whole file with the test of a run.</summary>
    public static string File(Scenario scenario, RunResult run, string test)
    {
        var plan = run.Plan;
        var text = new StringBuilder();
        foreach (var name in Namespaces(run)) text.Append(CultureInfo.InvariantCulture, $"using {name};\n");
        text.Append(CultureInfo.InvariantCulture, $"\npublic sealed class {Identifier(test)}_seed_{plan.Seed}_script\n").Append("{\n");
        foreach (var line in Test(scenario, plan, test).TrimEnd('\n').Split('\n')) text.Append(line.Length > 0 ? "    " : "").Append(line).Append('\n');
        return text.Append("}\n").ToString();
    }

    /// <summary>The statements.</summary>
    public static string Body(Scenario scenario, RunPlan plan)
    {
        var text = new StringBuilder();
        AppendCluster(text, scenario, plan);
        text.Append("cluster.Start();\n");
        var at = TimeSpan.Zero;
        foreach (var action in plan.Actions)
        {
            Pass(action.At);
            text.Append(action.Code).Append('\n');
        }

        Pass(plan.Duration);
        AppendHealing(text, scenario, plan);
        return text.ToString();

        void Pass(TimeSpan until)
        {
            if (until > at) text.Append(CultureInfo.InvariantCulture, $"cluster.RunFor({CodeText.Of(until - at)});\n");
            at = until;
        }
    }

    static void AppendCluster(StringBuilder text, Scenario scenario, RunPlan plan)
    {
        var own = scenario.Code.Settings;
        var planned = string.Concat(plan.Settings.Select(setting => "." + setting.Code));
        if (own is not null && planned.Length > 0) text.Append(CultureInfo.InvariantCulture, $"Func<RaftSettings, RaftSettings> settingsOfTest = {own};\n");
        var settings = (own, planned) switch
        {
            (null, "") => null,
            (null, _) => $"settings => settings{planned}",
            (_, "") => own,
            _ => $"settings => settingsOfTest(settings{planned})",
        };
        text.Append(CultureInfo.InvariantCulture, $"using var cluster = new SimulatedCluster(seed: {plan.Seed}, new ClusterOptions\n").Append("{\n");
        Option("Nodes", $"{plan.Nodes}");
        Option("Spares", plan.Spares > 0 ? $"{plan.Spares}" : null);
        Option("Clients", $"{plan.Clients}");
        Option("StateMachine", scenario.Code.StateMachine);
        Option("Settings", settings);
        Option("Fingerprint", scenario.Code.Fingerprint);
        Option("RestartStoppedNodes", plan.RestartStoppedNodes ? "true" : null);
        text.Append("});\n");

        void Option(string name, string? value)
        {
            if (value is not null) text.Append(CultureInfo.InvariantCulture, $"    {name} = {value},\n");
        }
    }

    static void AppendHealing(StringBuilder text, Scenario scenario, RunPlan plan)
    {
        text.Append("\n// All faults end: now the cluster must elect, serve and converge.\n");
        text.Append("cluster.EndFaults();\n");
        text.Append(CultureInfo.InvariantCulture, $"var healed = cluster.Now + {CodeText.Of(plan.HealWithin)};\n");
        RunUntil(nameof(Conditions.LeaderElected));
        if (plan.WipesDisks) text.Append("cluster.MendWipedDisks(healed - cluster.Now);\n");
        foreach (var last in plan.LastOperations)
            text.Append(CultureInfo.InvariantCulture, $"cluster.SendUntilDone({CodeText.Of(last.Input)}, client: {last.Client}, patience: healed - cluster.Now);\n");
        RunUntil(nameof(Conditions.OperationsEnded));
        RunUntil(nameof(Conditions.Converged));
        foreach (var check in scenario.Checks) text.Append(CultureInfo.InvariantCulture, $"cluster.Check({check.Code});\n");

        void RunUntil(string condition) => text.Append(CultureInfo.InvariantCulture, $"cluster.RunUntil(Conditions.{condition}, healed - cluster.Now);\n");
    }

    /// <summary>Those of the kit and of the inputs; what a check names is not known.</summary>
    static IEnumerable<string> Namespaces(RunResult run)
    {
        var inputs = run.Plan.Actions.Select(action => action.Operation?.Input).Concat(run.Plan.LastOperations.Select(last => last.Input));
        return inputs.Select(input => input?.GetType()).Append(run.StateMachine).Select(type => type?.Namespace)
            .Concat(["System", "System.Collections.Generic", "System.Linq", "AkkaRaft", "AkkaRaft.TestKit", "Xunit"]).OfType<string>().Distinct()
            .OrderBy(name => name.Split('.')[0] == "System" ? 0 : 1).ThenBy(name => name, StringComparer.Ordinal);
    }

    static string Identifier(string test) => string.Concat(test.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));
}
