namespace Alidade.Worker.Doctor;

/// <summary>What to change on a machine where jobs cannot be isolated, by what the kernel said.</summary>
internal static class IsolationAdvice
{
    private const string Restricted = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
    private const string Forbidden = "/proc/sys/kernel/unprivileged_userns_clone";
    private const string Most = "/proc/sys/user/max_user_namespaces";

    public static string For(IReadOnlyList<string> reasons)
    {
        var said = string.Join(' ', reasons);
        return Is(Forbidden, "0") ? "Let users make namespaces: sysctl -w kernel.unprivileged_userns_clone=1."
            : Is(Restricted, "1")
                ? "AppArmor keeps users from making namespaces: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or give the interpreter a profile with userns."
            : Is(Most, "0") ? "Let users make namespaces: sysctl -w user.max_user_namespaces=15000."
            : said.Contains("5.12", StringComparison.Ordinal) ? "Use a kernel of 5.12 or later."
            : said.Contains("seccomp", StringComparison.Ordinal) ? "Install libseccomp: apt-get install libseccomp2."
            : said.Contains("move the worker's data", StringComparison.Ordinal)
                ? "Give a data folder outside of what jobs may read, with --data."
            : said.Contains("bubblewrap is not installed", StringComparison.Ordinal)
                ? "Install bubblewrap, which may be allowed what we are not: apt-get install bubblewrap."
            : "In a container, allow it user namespaces and mounts (for Docker: --security-opt seccomp=unconfined --security-opt apparmor=unconfined), "
                + "or run the worker outside. As the only user of the server, --allow-unsandboxed will do.";
    }

    private static bool Is(string path, string value) => File.Exists(path) && File.ReadAllText(path).Trim() == value;
}
