namespace AkkaRaft.Samples.Common;

/// <summary>What the programs say to the shell. Scripts rely on these numbers.</summary>
public static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The data says no: no such key, or another value than the one that was expected.</summary>
    public const int DataSaysNo = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int Usage = 2;

    /// <summary>Surely not applied: it can be sent again.</summary>
    public const int NotApplied = 3;

    /// <summary>It may have been applied.</summary>
    public const int Unknown = 4;

    /// <summary>The program cannot do its work: a server that cannot start or go on, or a defect (EX_SOFTWARE of sysexits.h).</summary>
    public const int Failure = 70;
}
