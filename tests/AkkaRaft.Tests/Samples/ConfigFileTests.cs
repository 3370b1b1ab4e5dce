using System.Text;
using Akka.Configuration;
using AkkaRaft.Samples.Common;
using Shouldly;
using Xunit;

namespace AkkaRaft.Samples.Tests;

/// <summary>The file of --config: what is wrong with it is said in a sentence that names it.</summary>
public sealed class ConfigFileTests : IDisposable
{
    static readonly Config Blocks = ConfigurationFactory.FromResource<Raft>("AkkaRaft.reference.conf").WithFallback(ConfigurationFactory.Default());

    readonly string _folder = Directory.CreateTempSubdirectory("akkaraft-config-").FullName;

    string PathOf(string name) => Path.Combine(_folder, name);

    Config Read(string text)
    {
        File.WriteAllText(PathOf("my.conf"), text);
        return ConfigFile.Read(PathOf("my.conf"), Blocks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing")]
    public void A_file_may_say_nothing(string text) => Read(text).HasPath("akka").ShouldBeFalse();

    [Fact]
    public void Its_settings_and_those_of_what_it_includes_are_read()
    {
        File.WriteAllText(PathOf("other.conf"), "akka.raft.election-timeout-max = 3s");

        var config = Read("\ufeffinclude \"other.conf\"\nakka.raft { data-dir = d, groups { } }");

        config.GetString("akka.raft.data-dir").ShouldBe("d");
        config.GetTimeSpan("akka.raft.election-timeout-max").ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Theory]
    [InlineData("akka.raft = 5", "block of settings")]
    [InlineData("akka = 5", "block of settings")]
    [InlineData("akka.raft.journal = on", "block of settings")]
    [InlineData("include \"nope.conf\"", "nope.conf")]
    [InlineData("include \"my.conf\"", "itself")]
    [InlineData("hello", "hello")]
    [InlineData("a = ${nope}", "nope")]
    [InlineData("a = \u0001", "control characters")]
    [InlineData("akka.raft.cluster-id = c", "akka.raft.cluster-id")]
    [InlineData("akka.raft.node-id = 1", "akka.raft.node-id")]
    [InlineData("akka.raft { members = [] }", "akka.raft.members")]
    [InlineData("akka.remote.dot-netty.tcp.hostname = h", "hostname")]
    [InlineData("akka.remote.dot-netty.tcp.port = 1", "port")]
    [InlineData("akka.remote.dot-netty.tcp.public-hostname = h", "public-hostname")]
    [InlineData("akka.remote.dot-netty.tcp.public-port = 1", "public-port")]
    public void What_is_wrong_is_named_with_the_file(string text, string part)
    {
        var message = Should.Throw<FormatException>(() => Read(text)).Message;

        message.ShouldContain(PathOf("my.conf"));
        message.ShouldContain(part);
        message.ShouldNotContain("Object reference");
    }

    [Fact]
    public void What_is_no_text_is_refused_without_a_byte_of_it()
    {
        File.WriteAllBytes(PathOf("my.conf"), [.. "akka"u8, 0xC3, 0x28, 0xFF]);

        var message = Should.Throw<FormatException>(() => ConfigFile.Read(PathOf("my.conf"), Blocks)).Message;

        Encoding.ASCII.GetByteCount(message).ShouldBe(Encoding.UTF8.GetByteCount(message));
        message.ShouldContain("no text");
    }

    [Fact]
    public void A_folder_or_no_file_at_all_is_refused()
    {
        Should.Throw<FormatException>(() => ConfigFile.Read(_folder, Blocks)).Message.ShouldContain("folder");
        Should.Throw<FormatException>(() => ConfigFile.Read(PathOf("none.conf"), Blocks)).Message.ShouldContain("none.conf");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
