using System.Reflection;
using Akka.Configuration;
using Shouldly;
using Xunit;

namespace AkkaRaft.Cluster.Tests.Settings;

/// <summary>What is wrong with settings is told at once, by key.</summary>
public sealed class RaftClusterSettingsTests
{
    [Fact]
    public void Nothing_need_be_said()
    {
        var settings = Read("");

        settings.Errors().ShouldBeEmpty();
        settings.Autopilot.ShouldBeFalse("it is off unless somebody wants it");
        (settings.Role, settings.NodeRolePrefix, settings.LearnerRole).ShouldBe(("raft", "raft-node-", "raft-learner"));
        (settings.AddressHints, settings.HandOverOnLeave, settings.RemoveDead).ShouldBe((true, true, true));
        (settings.MinVoters, settings.MaxVoters, settings.MaxLag).ShouldBe((3, 5, 1000));
        (settings.Interval, settings.StableAfter, settings.RemoveDeadAfter).ShouldBe((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public void What_is_said_holds_and_the_rest_has_its_default()
    {
        var settings = Read("akka.raft.cluster { role = orders, autopilot { enabled = on, remove-dead-after = 1m, max-voters = 7 } }");

        settings.Errors().ShouldBeEmpty();
        (settings.Role, settings.Autopilot, settings.RemoveDeadAfter, settings.MaxVoters, settings.MinVoters).ShouldBe(("orders", true, TimeSpan.FromMinutes(1), 7, 3));
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var errors = Should.Throw<RaftSettingsException>(() => Read("""
            akka.raft.cluster { role = "", node-role-prefix = "", node-rolle = x, autopilot { enabled = perhaps, interval = 1ms, stable-after = soon, max-lag = 0, min-voters = 0, max-voters = 4, remove-dead-after = 2d } }
            """).Validate()).Errors;

        errors.Count.ShouldBe(10);
        foreach (var key in new[] { "role", "node-role-prefix", "node-rolle", "autopilot.enabled", "autopilot.interval", "autopilot.stable-after", "autopilot.max-lag", "autopilot.min-voters", "autopilot.max-voters", "autopilot.remove-dead-after" })
            errors.ShouldContain(error => error.StartsWith($"akka.raft.cluster.{key} = "), key);
        errors.ShouldContain(error => error.Contains("hocon/cluster.conf lists all of them"));
        errors.ShouldContain(error => error.Contains("survives no more failures than the odd one below it"));
    }

    [Theory]
    [InlineData("akka.raft.cluster.role = raft-node-3", "akka.raft.cluster.role")]
    [InlineData("akka.raft.cluster.learner-role = raft-node-learner", "akka.raft.cluster.learner-role")]
    [InlineData("akka.raft.cluster.autopilot { min-voters = 5, max-voters = 3 }", "akka.raft.cluster.autopilot.max-voters")]
    public void Settings_that_contradict_each_other_are_refused(string hocon, string key) => Read(hocon).Errors().ShouldHaveSingleItem().ShouldStartWith($"{key} = ");

    [Fact]
    public void A_value_where_the_block_should_be_is_refused() =>
        Should.Throw<RaftSettingsException>(() => Read("akka.raft.cluster = on")).Errors.ShouldHaveSingleItem().ShouldContain("it must be a block");

    [Fact]
    public void What_code_sets_replaces_what_was_said_wrongly() =>
        Read("akka.raft.cluster.autopilot.max-lag = many").WithMaxLag(5).Errors().ShouldBeEmpty();

    [Fact]
    public void Silence_that_is_usual_in_Raft_does_not_make_a_node_dead()
    {
        var group = RaftSettings.Create(ConfigurationFactory.ParseString("election-timeout-min = 2s, election-timeout-max = 4s"));
        var settings = Read("akka.raft.cluster.autopilot { enabled = on, remove-dead-after = 4s }");

        settings.ErrorsWith(group).ShouldHaveSingleItem().ShouldContain("it must be longer than akka.raft.election-timeout-max = 4s");
        settings.WithAutopilot(false).ErrorsWith(group).ShouldBeEmpty();
        settings.WithRemoveDead(false).ErrorsWith(group).ShouldBeEmpty();
        settings.WithRemoveDeadAfter(TimeSpan.FromSeconds(5)).ErrorsWith(group).ShouldBeEmpty();
    }

    /// <summary>Each With changes what it is named after, and nothing else.</summary>
    [Fact]
    public void Each_With_changes_one_property()
    {
        var before = Read("");
        var properties = typeof(RaftClusterSettings).GetProperties(BindingFlags.Public | BindingFlags.Instance);
        properties.Length.ShouldBe(RaftClusterSettings.Keys().Count);
        foreach (var property in properties)
        {
            object other = property.GetValue(before) switch
            {
                string text => text + "-other",
                bool on => !on,
                int count => count + 2,
                TimeSpan time => time + TimeSpan.FromSeconds(1),
                var value => throw new InvalidOperationException($"{property.Name} is a {value}"),
            };
            var after = typeof(RaftClusterSettings).GetMethod($"With{property.Name}").ShouldNotBeNull(property.Name).Invoke(before, [other]);

            property.GetValue(after).ShouldBe(other);
            properties.Where(same => same != property).ShouldAllBe(same => Equals(same.GetValue(after), same.GetValue(before)), property.Name);
        }
    }

    /// <summary>A node's own settings pass the block by.</summary>
    [Fact]
    public void The_block_is_no_unknown_key_of_a_node() =>
        RaftSettings.Create(ConfigurationFactory.ParseString("cluster { autopilot.enabled = on }")).Errors().ShouldNotContain(error => error.Contains("no such setting"));

    static RaftClusterSettings Read(string hocon) => RaftClusterSettings.Create(hocon.Length == 0 ? Config.Empty : ConfigurationFactory.ParseString(hocon));
}
