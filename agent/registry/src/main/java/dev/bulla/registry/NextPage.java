package dev.bulla.registry;

import dev.bulla.oci.Quoted;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;

/** Where a list goes on: the {@code Link} header of the relation {@code next}, RFC 8288. */
final class NextPage {
    /** Possessive throughout: a header is the registry's, and nothing of it is to be tried twice. */
    private static final Pattern LINK = Pattern.compile("\\s*+<([^<>]*+)>\\s*+((?:;[^,<>]*+)?+)(?:,|$)");

    private NextPage() {}

    /**
     * The next page; empty at the last.
     *
     * @param headers the values of the header
     * @param page the page that has them, from which a relative URL begins
     * @param what what is asked for, for messages
     * @throws RegistryProtocolException when a header is no link, or its URL is none of http or https
     */
    static Optional<HttpUrl> of(List<String> headers, HttpUrl page, String what) throws RegistryProtocolException {
        for (String header : headers) {
            Matcher link = LINK.matcher(header);
            while (link.lookingAt()) {
                if (isNext(link.group(2))) {
                    HttpUrl next = page.resolve(link.group(1));
                    if (next == null) {
                        break;
                    }
                    return Optional.of(next);
                }
                link.region(link.end(), header.length());
            }
            if (link.regionStart() < header.length()) {
                throw new RegistryProtocolException(
                        what + ": got Link " + Quoted.text(header) + ", expected <URL>; rel=\"next\"");
            }
        }
        return Optional.empty();
    }

    /** Whether one of a link's parameters, {@code ; rel="next"}, says so; relation types are split by blanks. */
    private static boolean isNext(String parameters) {
        for (String parameter : parameters.split(";", -1)) {
            int equals = parameter.indexOf('=');
            if (equals < 0 || !parameter.substring(0, equals).strip().equalsIgnoreCase("rel")) {
                continue;
            }
            String value = parameter.substring(equals + 1).strip();
            boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
            List<String> relations =
                    quoted ? List.of(value.substring(1, value.length() - 1).split(" ", -1)) : List.of(value);
            if (relations.stream().anyMatch("next"::equalsIgnoreCase)) {
                return true;
            }
        }
        return false;
    }
}
