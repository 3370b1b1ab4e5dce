using System.Text;

namespace AkkaRaft.Process.Tests.History;

/// <summary>
/// Searches for an order of a key's operations, each at one moment between its start and its end, in which every answer is right (Wing and Gong's
/// search, with Lowe's memory of what was tried). It knows nothing of Raft, nor of the log's indexes.
/// </summary>
internal static class LinearizabilityChecker
{
    /// <summary>Null if there is such an order; otherwise the history, for the reader.</summary>
    public static string? FindError(IReadOnlyCollection<KeyOperation> operations)
    {
        var search = new Search([.. operations.OrderBy(o => o.Start)]);
        return search.Succeeds() ? null : "No order explains these answers:\n  " + string.Join("\n  ", operations.OrderBy(o => o.Start));
    }

    sealed class Search(KeyOperation[] operations)
    {
        readonly bool[] _placed = new bool[operations.Length];
        readonly HashSet<string> _tried = [];

        // What is unknown may come last and then changes nothing that anyone saw: only the known ones must find their place.
        int _left = operations.Count(o => !o.IsUnknown);

        public bool Succeeds() => From(null, 0);

        // Depth is at most the number of a key's operations: some dozens.
        bool From(string? value, int firstUnplaced)
        {
            if (_left == 0) return true;
            while (_placed[firstUnplaced]) firstUnplaced++;
            if (!_tried.Add(Situation(value, firstUnplaced))) return false;

            // An operation that began after another had ended cannot come before it: only what began before the earliest end may be next.
            var earliestEnd = EarliestEnd(firstUnplaced);
            for (var i = firstUnplaced; i < operations.Length && operations[i].Start <= earliestEnd; i++)
            {
                if (_placed[i]) continue;
                var (next, answer) = KeyModel.Apply(value, operations[i]);
                if (!operations[i].IsUnknown && answer != operations[i].Result) continue;

                Place(i, true);
                if (From(next, firstUnplaced)) return true;
                Place(i, false);
            }

            return false;
        }

        long EarliestEnd(int from)
        {
            var earliest = long.MaxValue;
            for (var i = from; i < operations.Length && operations[i].Start <= earliest; i++)
            {
                if (!_placed[i]) earliest = Math.Min(earliest, operations[i].End);
            }

            return earliest;
        }

        void Place(int i, bool placed)
        {
            _placed[i] = placed;
            if (!operations[i].IsUnknown) _left += placed ? -1 : 1;
        }

        string Situation(string? value, int from)
        {
            var text = new StringBuilder(operations.Length + 16).Append(from).Append('|');
            for (var i = from; i < _placed.Length; i++) text.Append(_placed[i] ? '1' : '0');
            return text.Append('|').Append(value ?? "absent").ToString();
        }
    }
}
