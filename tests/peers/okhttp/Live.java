import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.CertificatePinner;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Connects with the OkHttp on the class path, through its public methods only, as an app on the JVM does.
 *
 * <p>Each line of the input is {@code HOST PORT ADDRESS ROOTS PIN...}: the roots that the client trusts are PEM
 * in base64, a pin is base64 of a SHA-256. Each gets one connection, with no session of an earlier one, and one
 * line of answer at once:
 *
 * <ul>
 *   <li>{@code connected}: there was a response.
 *   <li>{@code pinning PIN...}: refused by the pins; then the pins of the chain that were compared, in order.
 *   <li>{@code unclean}: OkHttp made no chain out of what was served.
 *   <li>{@code name}: the certificate is not for that host.
 *   <li>{@code untrusted}: no path to a root, or one that is not valid.
 *   <li>{@code failed CLASS}: anything else.
 * </ul>
 */
public final class Live {
  private static final String COMPARED = "Peer certificate chain:";
  private static final String WANTED = "Pinned certificates for ";

  public static void main(String[] arguments) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, "US-ASCII");
    BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, "US-ASCII"));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      answers.println(answer(line.split(" ")));
    }
  }

  private static String answer(String[] question) throws GeneralSecurityException, IOException {
    OkHttpClient client = client(question);
    try {
      String url = "https://" + question[0] + ":" + question[1] + "/";
      try (Response response = client.newCall(new Request.Builder().url(url).build()).execute()) {
        return "connected";
      }
    } catch (SSLPeerUnverifiedException refused) {
      return unverified(String.valueOf(refused.getMessage()));
    } catch (IOException | RuntimeException failed) {
      return isUntrusted(failed) ? "untrusted" : "failed " + failed.getClass().getSimpleName();
    } finally {
      client.connectionPool().evictAll();
      client.dispatcher().executorService().shutdown();
    }
  }

  private static OkHttpClient client(String[] question) throws GeneralSecurityException, IOException {
    X509TrustManager trusting = trusting(Base64.getDecoder().decode(question[3]));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {trusting}, null);
    CertificatePinner.Builder pinner = new CertificatePinner.Builder();
    for (int i = 4; i < question.length; i++) {
      pinner.add(question[0], "sha256/" + question[i]);
    }
    return new OkHttpClient.Builder()
        .proxy(Proxy.NO_PROXY)
        .dns(only(question[2]))
        .socketFactory(new Prompt())
        .sslSocketFactory(context.getSocketFactory(), trusting)
        .certificatePinner(pinner.build())
        .retryOnConnectionFailure(false)
        .connectTimeout(5, TimeUnit.SECONDS)
        .readTimeout(5, TimeUnit.SECONDS)
        .writeTimeout(5, TimeUnit.SECONDS)
        .build();
  }

  private static Dns only(String address) {
    return new Dns() {
      @Override
      public List<InetAddress> lookup(String host) throws UnknownHostException {
        return Collections.singletonList(InetAddress.getByName(address));
      }
    };
  }

  private static X509TrustManager trusting(byte[] roots) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    for (Certificate root : factory.generateCertificates(new ByteArrayInputStream(roots))) {
      store.setCertificateEntry("root " + store.size(), root);
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    return (X509TrustManager) managers.getTrustManagers()[0];
  }

  private static String unverified(String message) {
    if (message.startsWith("Certificate pinning failure!")) {
      return "pinning" + compared(message);
    }
    return message.startsWith("Hostname ") ? "name" : "unclean";
  }

  /** The pins that the message lists as those of the chain. */
  private static String compared(String message) {
    int start = message.indexOf(COMPARED) + COMPARED.length();
    StringBuilder pins = new StringBuilder();
    for (String line : message.substring(start, message.indexOf(WANTED, start)).split("\n")) {
      String said = line.trim();
      if (said.startsWith("sha256/")) {
        pins.append(' ').append(said, "sha256/".length(), said.indexOf(':'));
      }
    }
    return pins.toString();
  }

  private static boolean isUntrusted(Throwable failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException || cause instanceof CertPathValidatorException) {
        return true;
      }
    }
    return false;
  }

  /** Sockets that send at once, which saves 40 ms of waiting for an acknowledgement each time. */
  private static final class Prompt extends SocketFactory {
    @Override
    public Socket createSocket() throws SocketException {
      Socket socket = new Socket();
      socket.setTcpNoDelay(true);
      return socket;
    }

    @Override
    public Socket createSocket(String host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
      throw new UnsupportedOperationException();
    }
  }
}
