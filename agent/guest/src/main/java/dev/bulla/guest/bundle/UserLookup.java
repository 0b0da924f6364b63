package dev.bulla.guest.bundle;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Node;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Turns the {@code User} of an image's configuration ({@code user[:group]}, names or numbers) into numbers, by the image's
 * own {@code /etc/passwd} and {@code /etc/group}.
 *
 * <p><b>Security.</b> The files are looked up in the image's tree, so no link in it leads anywhere else; a link in their
 * place counts as their absence. At most {@link #MAX_FILE} bytes are read.
 */
final class UserLookup {
    /** The most bytes of passwd and of group. */
    static final int MAX_FILE = 1 << 20;

    private record Passwd(String name, long uid, long gid) {}

    private record Group(String name, long gid, List<String> members) {}

    private final List<Passwd> users = new ArrayList<>();
    private final List<Group> groups = new ArrayList<>();

    UserLookup(Directory root, ContentReader objects) throws IOException {
        for (String[] fields : lines(root, "passwd", objects)) {
            if (fields.length >= 4 && id(fields[2]).isPresent() && id(fields[3]).isPresent()) {
                users.add(
                        new Passwd(fields[0], id(fields[2]).get(), id(fields[3]).get()));
            }
        }
        for (String[] fields : lines(root, "group", objects)) {
            if (fields.length >= 4 && id(fields[2]).isPresent()) {
                groups.add(new Group(fields[0], id(fields[2]).get(), List.of(fields[3].split(","))));
            }
        }
    }

    ContainerUser resolve(String text) throws BundleException {
        String user = text;
        Optional<String> group = Optional.empty();
        int colon = text.indexOf(':');
        if (colon >= 0) {
            user = text.substring(0, colon);
            group = Optional.of(text.substring(colon + 1));
        }
        String wanted = user.isEmpty() ? "0" : user;
        Optional<Long> number = id(wanted);
        Optional<Passwd> entry = users.stream()
                .filter(candidate -> number.isPresent() ? candidate.uid == number.get() : candidate.name.equals(wanted))
                .findFirst();
        if (number.isEmpty() && entry.isEmpty()) {
            throw new BundleException("image config: the user " + Quoted.text(wanted)
                    + " is neither a number from 0 to " + ContainerUser.MAX_ID + " nor in the image's /etc/passwd");
        }
        long uid = entry.map(Passwd::uid).orElseGet(number::orElseThrow);
        if (group.filter(name -> !name.isEmpty()).isPresent()) {
            return new ContainerUser(uid, groupId(group.get()), List.of());
        }
        long gid = entry.map(Passwd::gid).orElse(0L);
        List<Long> additional = entry.map(found -> groups.stream()
                        .filter(candidate -> candidate.gid != gid && candidate.members.contains(found.name))
                        .map(Group::gid)
                        .distinct()
                        .sorted()
                        .toList())
                .orElse(List.of());
        return new ContainerUser(uid, gid, additional);
    }

    private long groupId(String text) throws BundleException {
        Optional<Long> number = id(text);
        if (number.isPresent()) {
            return number.get();
        }
        for (Group group : groups) {
            if (group.name.equals(text)) {
                return group.gid;
            }
        }
        throw new BundleException("image config: the group " + Quoted.text(text) + " is neither a number from 0 to "
                + ContainerUser.MAX_ID + " nor in the image's /etc/group");
    }

    private static Optional<Long> id(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Optional.of(Long.parseLong(text)).filter(id -> id <= ContainerUser.MAX_ID) : Optional.empty();
    }

    private static List<String[]> lines(Directory root, String name, ContentReader objects) throws IOException {
        List<String[]> lines = new ArrayList<>();
        // ISO-8859-1 keeps every byte of a name; only ASCII is compared.
        String text = new String(read(root, name, objects), StandardCharsets.ISO_8859_1);
        text.lines().forEach(line -> lines.add(line.split(":", -1)));
        return lines;
    }

    private static byte[] read(Directory root, String name, ContentReader objects) throws IOException {
        Optional<Node> etc = root.get(ByteString.utf8("etc"));
        Optional<Node> file = etc.isPresent() && etc.get() instanceof Directory directory
                ? directory.get(ByteString.utf8(name))
                : Optional.empty();
        Node node = file.isPresent() && file.get() instanceof HardLink link ? link.target() : file.orElse(root);
        if (!(node instanceof RegularFile regular) || regular.content().size() > MAX_FILE) {
            return new byte[0];
        }
        return switch (regular.content()) {
            case FileContent.Empty empty -> new byte[0];
            case FileContent.Inline inline -> inline.bytes().toByteArray();
            case FileContent.External external -> objects.read(external);
        };
    }
}
