namespace AkkaRaft.TestKit.Storage;

/// <summary>The simulation's time, as far as a disk needs it.</summary>
internal interface IDiskClock
{
    /// <summary>Virtual time; never falls.</summary>
    TimeSpan Now { get; }

    /// <summary>Does it once, on the driver's thread, when so much virtual time has passed; what is due at the same time is done in the order asked for.</summary>
    void After(TimeSpan delay, Action what);
}
