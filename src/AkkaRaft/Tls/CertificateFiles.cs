using Akka.Event;
using AkkaRaft.Settings;

namespace AkkaRaft.Tls;

/// <summary>The certificates as their files have them now: renewed ones are taken for the next handshake, without a restart.</summary>
internal sealed class CertificateFiles
{
    readonly string _host;
    readonly ILoggingAdapter _log;
    readonly TimeProvider _time;
    readonly Lock _lock = new();

    TlsCertificates _current;
    string _stamp;

    CertificateFiles(TlsSettings settings, TlsCertificates current, string stamp, string host, ILoggingAdapter log, TimeProvider time)
    {
        Settings = settings;
        _current = current;
        _stamp = stamp;
        _host = host;
        _log = log;
        _time = time;
    }

    /// <summary>Which files, and how they are used.</summary>
    public TlsSettings Settings { get; }

    /// <summary>What a handshake is to use.</summary>
    public TlsCertificates Current
    {
        get
        {
            lock (_lock)
            {
                Renew();
                return _current;
            }
        }
    }

    /// <summary>Reads the files at a start.</summary>
    /// <param name="settings">Which.</param>
    /// <param name="host">How others know this system; the certificate must name it.</param>
    /// <param name="log">For people.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="RaftSettingsException">Peers would refuse what is in them.</exception>
    public static CertificateFiles Open(TlsSettings settings, string host, ILoggingAdapter log, TimeProvider time)
    {
        var stamp = StampOf(settings);
        var files = new CertificateFiles(settings, TlsCertificates.Load(settings), stamp, host, log, time);
        var problems = files._current.Problems(settings, host, time.GetUtcNow()).ToList();
        if (problems.Count > 0) throw new RaftSettingsException(TlsSettings.Refusal, problems);
        files.WarnOfExpiry();
        return files;
    }

    void Renew()
    {
        var stamp = StampOf(Settings);
        if (stamp == _stamp) return;

        // Told once for each change: files are written one after the other, and between them they do not fit together.
        _stamp = stamp;
        try
        {
            var renewed = TlsCertificates.Load(Settings);
            if (renewed.Problems(Settings, _host, _time.GetUtcNow()).FirstOrDefault() is { } problem)
            {
                _log.Warning("The changed certificate is not used, the one before still is. {0}", problem);
                return;
            }

            _current = renewed;
            _log.Info("The certificates were read again: that of this system is now valid until {0:yyyy-MM-dd HH:mm}Z.", renewed.Own.NotAfter.ToUniversalTime());
            WarnOfExpiry();
        }
        catch (RaftSettingsException unusable)
        {
            _log.Warning("The changed certificate is not used, the one before still is. {0}", unusable.Errors[0]);
        }
    }

    void WarnOfExpiry()
    {
        var left = _current.Own.NotAfter.ToUniversalTime() - _time.GetUtcNow().UtcDateTime;
        if (left > Settings.WarnBeforeExpiry) return;
        _log.Warning("{0} = {1} expires in {2:0.#} days, at {3:yyyy-MM-dd HH:mm}Z; from then on every peer refuses new connections of this system. Put a new one in its place, key first: " +
            "it is read without a restart.", TlsSettings.CertificateKey, SettingText.Of(Settings.Certificate), left.TotalDays, _current.Own.NotAfter.ToUniversalTime());
    }

    static string StampOf(TlsSettings settings) =>
        string.Join('|', new[] { settings.Certificate, settings.PrivateKey, settings.Authority }.Select(file => File.GetLastWriteTimeUtc(file).Ticks));
}
