using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Xunit;

namespace AkkaRaft.Tests.Journals;

/// <summary>
/// A real PostgreSQL server in a temporary folder on a free port of 127.0.0.1, for as long as the tests of one class run. When the machine has no
/// PostgreSQL it is installed if we are root, else the tests fail and say what to install.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    const string ServerUser = "postgres";

    readonly string _folder = Path.Combine(Path.GetTempPath(), $"akkaraft-postgres-{Guid.NewGuid():N}");
    string? _binaries;
    bool _started;
    int _port;

    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={_port};Database={database};Username=raft;Timeout=5;Command Timeout=8";

    public Task InitializeAsync()
    {
        _binaries = FindBinaries() ?? Install();
        CreateFolder();
        AppDomain.CurrentDomain.ProcessExit += StopAtExit;
        Run(Path.Combine(_binaries, "initdb"), "-D", Path.Combine(_folder, "data"), "-U", "raft", "-A", "trust", "-E", "UTF8", "--no-locale");
        _port = FreePort();
        try
        {
            _started = true;
            Control("start", "-l", Path.Combine(_folder, "server.log"), "-o", $"-h 127.0.0.1 -p {_port} -k {_folder}");
        }
        catch
        {
            Stop();
            throw;
        }

        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= StopAtExit;
        Stop();
        return Task.CompletedTask;
    }

    /// <summary>A new, empty database.</summary>
    public string CreateDatabase()
    {
        var name = $"raft_{Guid.NewGuid():N}";
        using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        command.ExecuteNonQuery();
        return name;
    }

    /// <summary>As when the power fails: no checkpoint, no farewell; then up again.</summary>
    public void Crash()
    {
        Control("stop", "-m", "immediate");
        Control("start", "-l", Path.Combine(_folder, "server.log"), "-o", $"-h 127.0.0.1 -p {_port} -k {_folder}");
        NpgsqlConnection.ClearAllPools();
    }

    static bool IsRoot => Environment.UserName == "root";

    static string? FindBinaries()
    {
        var candidates = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (Directory.Exists("/usr/lib/postgresql"))
        {
            var installed = Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var v) ? v : 0);
            candidates = [.. installed.Select(d => Path.Combine(d, "bin")), .. candidates];
        }

        return candidates.FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "pg_ctl")));
    }

    static string Install()
    {
        const string advice = "These tests need a PostgreSQL server (initdb and pg_ctl, version 15 or later). Install it: apt-get install -y postgresql";
        if (!IsRoot) throw new InvalidOperationException(advice);
        Start("apt-get", "install", "-y", "postgresql");
        return FindBinaries() ?? throw new InvalidOperationException(advice);
    }

    void CreateFolder()
    {
        Directory.CreateDirectory(_folder);
        if (IsRoot) Start("chown", ServerUser, _folder);
    }

    void Control(string verb, params string[] arguments) =>
        Run(Path.Combine(_binaries!, "pg_ctl"), [verb, "-w", "-t", "60", "-D", Path.Combine(_folder, "data"), .. arguments]);

    // PostgreSQL refuses to run as root, as containers often do.
    static void Run(string program, params string[] arguments)
    {
        if (IsRoot) Start("runuser", ["-u", ServerUser, "--", program, .. arguments]);
        else Start(program, arguments);
    }

    static void Start(string program, params string[] arguments)
    {
        // Without pipes: the server would inherit them and keep a reader waiting.
        var log = Path.GetTempFileName();
        try
        {
            var line = string.Join(' ', arguments.Prepend(program).Select(a => $"'{a}'"));
            using var process = Process.Start(new ProcessStartInfo("sh", ["-c", $"exec {line} >'{log}' 2>&1 </dev/null"]) { WorkingDirectory = "/" })!;
            if (!process.WaitForExit(TimeSpan.FromMinutes(3)))
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"{line} did not end within 3 minutes. Its output:\n{File.ReadAllText(log)}");
            }

            if (process.ExitCode != 0) throw new InvalidOperationException($"{line} ended with exit code {process.ExitCode}:\n{File.ReadAllText(log)}");
        }
        finally
        {
            File.Delete(log);
        }
    }

    static int FreePort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return port;
    }

    void StopAtExit(object? sender, EventArgs e) => Stop();

    void Stop()
    {
        if (_started)
        {
            _started = false;
            NpgsqlConnection.ClearAllPools();
            // After a start that failed there may be no server to stop.
            if (File.Exists(Path.Combine(_folder, "data", "postmaster.pid"))) Control("stop", "-m", "immediate");
        }

        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }
}
