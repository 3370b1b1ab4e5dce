using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <content>Backups.</content>
internal sealed partial class RaftClientActor
{
    void OnBackupReply(BackupReply reply)
    {
        OnHeard(reply.From);
        foreach (var asked in _questions.OfType<BackupOperation>().Where(asked => asked.RequestId == reply.RequestId && asked.Node == reply.From).ToArray())
        {
            // Somebody else is better than it, but nobody else was wanted: it is asked until it can.
            if (reply.Outcome == BackupOutcome.NotNow && asked.MayWait) asked.LastRefusal = reply.Why;
            else if (End(asked)) asked.TryAnswer(reply);
        }
    }

    void OnBackupPiece(BackupPiece piece)
    {
        OnHeard(piece.From);
        foreach (var asked in _questions.OfType<BackupPieceOperation>().Where(asked => asked.IsAnsweredBy(piece)).ToArray())
        {
            if (End(asked)) asked.TryAnswer(piece);
        }
    }
}
